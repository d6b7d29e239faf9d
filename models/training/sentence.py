#!/usr/bin/env python3
"""Makes models/weights/sentence-1: the base encoder as it is, for vectors of sentences, with its vocabulary cut.

The base is obtained in four bits (Q4_0) and is kept in exactly these four bits, so nothing is lost.

usage: sentence.py [--work FOLDER] [--out FOLDER]
"""
import argparse
import hashlib
import pathlib
import shutil

import numpy as np
from safetensors.numpy import save_file

import base
import dataset
import encode
import export
import vocabulary


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path("var/training"), help="downloads")
    parser.add_argument("--out", type=pathlib.Path, default=dataset.MODELS / "weights" / "sentence-1")
    args = parser.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    args.out.mkdir(parents=True, exist_ok=True)
    container, whole_tokenizer = base.fetch(args.work / "base")
    config, arrays = base.convert(container)
    tokenizer = args.work / "sentence-tokenizer.json"
    kept = vocabulary.cut(whole_tokenizer, tokenizer, dataset.all_texts())
    shutil.copyfile(tokenizer, args.out / "tokenizer.json")
    words = "embeddings.word_embeddings.weight"
    arrays[words] = arrays[words][kept]
    config["vocab_size"] = len(kept)
    stored = {}
    for name, value in arrays.items():
        if name.endswith("dense.weight") or ".self." in name and value.ndim == 2 or name == words:
            stored[name], stored[f"{name}.scale"] = four_bits(value)
        else:
            stored[name] = value.astype(np.float32 if value.ndim == 1 else np.float16)
    save_file(stored, args.out / "model.safetensors")
    shape = {k: config[k] for k in export.SHAPE} | {"prefix": encode.PREFIX, "heads": []}
    export.write_json(args.out / "config.json", shape)
    files = [{"name": p.name, "bytes": p.stat().st_size, "sha256": hashlib.sha256(p.read_bytes()).hexdigest()}
             for p in sorted(args.out.glob("*")) if p.name != "manifest.json"]
    export.write_json(args.out / "manifest.json", {
        "id": args.out.name,
        "version": "1.0.0",
        "base": {"name": "multilingual-e5-small", "licence": "MIT", "sources": list(base.PACKAGES)},
        "files": files,
        "training": {"recipe": "models/training/sentence.py", "data_sha256": dataset.data_hash(), "seed": 0, "epochs": 0, "rows": 0},
        "quality": {},
    })
    print(f"{args.out.name}: {sum(f['bytes'] for f in files) / 1e6:.1f} MB, {len(kept)} pieces")


def four_bits(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The nibbles and scales that a matrix of Q4_0 values came from, and nothing else: raises where it did not."""
    rows, columns = matrix.shape
    blocks = matrix.reshape(rows, columns // base.BLOCK, base.BLOCK)
    # ggml puts the value farthest from zero at -8 scales, so the scale is known up to rounding to f16.
    far = np.take_along_axis(blocks, np.abs(blocks).argmax(2)[:, :, None], 2)[:, :, 0]
    scale = np.where(far == 0, 1, far / -8).astype(np.float32)
    levels = np.rint(blocks / scale[:, :, None]) + 8
    if levels.max() > 15 or levels.min() < 0 or np.abs((levels - 8) * scale[:, :, None] - blocks).max() > 1e-6:
        raise SystemExit("the base weights are not in four bits; use eight")
    nibbles = levels.astype(np.uint8)
    half = base.BLOCK // 2
    packed = nibbles[:, :, :half] | nibbles[:, :, half:] << 4
    return packed.reshape(rows, columns // 2), scale.astype(np.float16)


if __name__ == "__main__":
    main()
