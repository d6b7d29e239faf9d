#!/usr/bin/env python3
"""Measures role `inference` over HTTP: `/embed`, one real message a call, callers on the same machine.

1, 8 and 32 callers in turn, then calls at half as much again as was answered at best, however long that takes to answer.

usage: serve.py --okno PROGRAM --callers PROGRAM --texts FILE.jsonl [--layers 6|12] [--seconds 10] [--overload 60] [--page FILE.md]
DATABASE_URL names a migrated database (role inference takes the words of the menus from it).
"""
import argparse
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time
import urllib.request

from safetensors.numpy import load_file, save_file

WEIGHTS = pathlib.Path(__file__).resolve().parents[2] / "models" / "weights"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--okno", type=pathlib.Path, required=True)
    parser.add_argument("--callers", type=pathlib.Path, required=True, help="the program benches/src/bin/callers.rs")
    parser.add_argument("--texts", type=pathlib.Path, required=True)
    parser.add_argument("--layers", type=int, default=12)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--overload", type=int, default=60)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--page", type=pathlib.Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        models = fewer_layers(pathlib.Path(folder), args.layers) if args.layers < 12 else WEIGHTS
        result = measure(args, models)
    print(json.dumps(result, indent=1))
    if args.page:
        args.page.write_text(page(args, result), encoding="utf-8")


def measure(args, models: pathlib.Path) -> dict:
    address = "127.0.0.1:18098"
    settings = os.environ | {"OKNO_MODELS": str(models), "OKNO_READING_THREADS": str(args.threads)}
    server = subprocess.Popen([str(args.okno), "serve", "--roles", "inference", "--listen", address], env=settings, stderr=subprocess.DEVNULL)
    try:
        wait_for(f"http://{address}/info")
        ask = lambda *more: json.loads(subprocess.run(
            [str(args.callers), "--address", f"http://{address}", "--texts", str(args.texts), *map(str, more)],
            check=True, capture_output=True, text=True,
        ).stdout)
        ask("--callers", 8, "--seconds", 2)  # to warm up
        closed = [ask("--callers", n, "--seconds", args.seconds) for n in (1, 8, 32)]
        best = max(c["answered_a_second"] for c in closed)
        before = resident(server.pid)
        overload = ask("--rate", round(1.5 * best), "--seconds", args.overload)
        return {"closed": closed, "best": best, "overload": overload, "mib": [before, resident(server.pid)]}
    finally:
        server.terminate()
        server.wait()


def wait_for(url: str) -> None:
    for _ in range(600):
        try:
            urllib.request.urlopen(url, timeout=1)
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the server did not start")


def resident(process: int) -> float:
    for line in pathlib.Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS"):
            return round(int(line.split()[1]) / 1024, 1)
    return 0.0


def fewer_layers(folder: pathlib.Path, layers: int) -> pathlib.Path:
    """The shipped models, the one of vectors with its first layers only."""
    shutil.copytree(WEIGHTS, folder / "weights")
    model = folder / "weights" / "sentence-1"
    tensors = load_file(model / "model.safetensors")
    kept = {k: v for k, v in tensors.items() if not k.startswith("encoder.layer.") or int(k.split(".")[2]) < layers}
    save_file(kept, model / "model.safetensors")
    config = json.loads((model / "config.json").read_text(encoding="utf-8")) | {"num_hidden_layers": layers}
    (model / "config.json").write_text(json.dumps(config), encoding="utf-8")
    manifest = json.loads((model / "manifest.json").read_text(encoding="utf-8"))
    for file in manifest["files"]:
        content = (model / file["name"]).read_bytes()
        file |= {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    (model / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder / "weights"


def page(args, result: dict) -> str:
    out = f"# Role inference over HTTP, {args.layers} layers\n\n`/embed`, one real message a call, server and callers on the same {os.cpu_count()} cores.\n\n"
    out += "| callers | answered/s | p50 ms | p99 ms | refused |\n|---|---|---|---|---|\n"
    for c in result["closed"]:
        out += f"| {c['callers']} | {c['answered_a_second']:.0f} | {c['p50']:.2f} | {c['p99']:.2f} | {c['refused']} |\n"
    o = result["overload"]
    out += f"\n{args.overload} s at {o['rate']:.0f} calls/s, half as much again as was answered at best: {o['answered_a_second']:.0f} answered/s "
    out += f"({100 * o['answered_a_second'] / result['best']:.0f} % of the best), {o['refused']} refused (p99 {o['refused_p99'] or 0:.1f} ms), {o['failed']} failed, "
    out += f"memory {result['mib'][0]} MiB before and {result['mib'][1]} MiB after.\n"
    return out


if __name__ == "__main__":
    main()
