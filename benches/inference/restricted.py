#!/usr/bin/env python3
"""ONNX Runtime in f32 kept to AVX2, in a process of its own that is asked by lines of JSON, as our encoder is.

ONNX Runtime has no switch for it: it asks the processor whether the system saves the registers of AVX-512 (XGETBV, bits 5
to 7 of XCR0) and takes AVX-512 where it does. In a copy of the installed package those bits are masked where they are
read, so that every choice of kernels falls to AVX2 and FMA.

usage: restricted.py FUSED.onnx THREADS COPY
"""
import importlib.util
import json
import pathlib
import shutil
import sys

# What reads XCR0 in the wheel of onnxruntime 1.32.0 for x86-64, what it becomes, and how often it stands there:
# `mov eax, eax` after XGETBV becomes `and al, 0x1f`; the comparison of the four bits of AVX-512 can no longer hold.
MASKS = [
    (bytes.fromhex("0f01d089c0"), bytes.fromhex("0f01d0241f"), 2),
    (bytes.fromhex("4531d231c94181f9e6000000"), bytes.fromhex("4531d231c94181f9e6010000"), 1),
]


def main() -> None:
    model, threads, copy = pathlib.Path(sys.argv[1]), int(sys.argv[2]), pathlib.Path(sys.argv[3])
    training = pathlib.Path(__file__).resolve().parents[2] / "models" / "training"
    sys.path[:0] = [str(masked(copy)), str(training)]
    import prepare

    peer = prepare.onnx_runtime(model, threads)
    for line in sys.stdin:
        asked = json.loads(line)
        if asked["runs"]:
            answer = {"nanoseconds": [taken * 1e9 for taken in peer.times(asked["texts"], asked["runs"])]}
        else:
            answer = {"vectors": peer.vectors(asked["texts"]).tolist()}
        print(json.dumps(answer), flush=True)


def masked(copy: pathlib.Path) -> pathlib.Path:
    """The folder of a copy of the package in which AVX-512 is not seen."""
    if not copy.exists():
        package = pathlib.Path(importlib.util.find_spec("onnxruntime").submodule_search_locations[0])
        unfinished = copy.with_name(copy.name + ".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.copytree(package, unfinished / "onnxruntime")
        (library,) = (unfinished / "onnxruntime" / "capi").glob("onnxruntime_pybind11_state*.so")
        code = library.read_bytes()
        for reads, becomes, often in MASKS:
            if code.count(reads) != often:
                raise SystemExit(f"{library.name} reads XCR0 elsewhere than 1.32.0 does: look for XGETBV in it and correct MASKS")
            code = code.replace(reads, becomes)
        library.write_bytes(code)
        unfinished.rename(copy)
    return copy


if __name__ == "__main__":
    main()
