#!/usr/bin/env python3
"""Times our encoder and its peers on the same weights and the same token ids, in turn within one run.

The weights are those of multilingual-e5-small, its first layers where fewer are asked for. Peers: ONNX Runtime (f32 with
fused graph, int8 dynamic), OpenVINO (int8, static by NNCF), PyTorch (f32), candle-transformers (f32). In each round every
engine computes every shape once, in an order that changes from round to round; a ratio is the median over the rounds of
the peer's time by ours in the same round, its spread the quartiles. Cosines are to PyTorch in f32 on real texts.

usage: compare.py --encoder PROGRAM [--work FOLDER] [--layers 6] [--rounds 30] [--page FILE.md]
"""
import argparse
import json
import pathlib
import random
import statistics
import subprocess
import sys

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "models" / "training"))

SHAPES = {
    "1×16": [16], "1×32": [32], "1×128": [128], "1×512": [512], "32×32": [32] * 32, "32×128": [128] * 32,
    "mixed": [8 + (56 * i) // 31 for i in range(32)],
}
OURS = ("int8", "int8 without tiles", "bf16", "f32", "avx2")
RESTRICTED = "onnxruntime f32, AVX2"
PEERS = ("onnxruntime f32", "onnxruntime int8", "openvino int8", "pytorch f32", "candle-transformers")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--encoder", type=pathlib.Path, required=True, help="the program benches/src/bin/encoder.rs")
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path("var/training"), help="downloads and converted models")
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--page", type=pathlib.Path, help="write the tables there: a part of docs/results/inference.md")
    args = parser.parse_args()
    import prepare

    model = prepare.model(args.work, args.layers)
    texts = prepare.texts(model, 200)
    ours = Program([args.encoder, "--model", model.folder, "--threads", args.threads])
    engines = {name: ours.engine(name) for name in OURS} | prepare.peers(model, texts, args.threads)
    engines["candle-transformers"] = ours.engine("candle")
    command = [sys.executable, HERE / "restricted.py", model.folder / "fused.onnx", args.threads, args.work / "restricted"]
    engines[RESTRICTED] = Program(command).engine(RESTRICTED)
    chance = random.Random(7)
    batches = {shape: [prepare.ids(model, chance, n) for n in lengths] for shape, lengths in SHAPES.items()}

    times = {shape: {name: [] for name in engines} for shape in SHAPES}
    for round_ in range(-2, args.rounds):  # two to warm up
        order = list(engines)
        chance.shuffle(order)
        for shape, batch in batches.items():
            for name in order:
                if name == "candle-transformers" and round_ >= 8 and len(batch) > 1:
                    continue  # slow and steady: fewer rounds suffice
                taken = engines[name].time(batch)
                if round_ >= 0:
                    times[shape][name].append(taken)
        print(f"round {round_ + 1} of {args.rounds}", file=sys.stderr, flush=True)
    cosines = likeness(engines, texts)
    result = {
        "layers": args.layers, "threads": args.threads, "rounds": args.rounds, "versions": prepare.versions(),
        "cosine": cosines,
        "milliseconds": {s: {n: round(statistics.median(t) * 1e3, 4) for n, t in by.items()} for s, by in times.items()},
        "ratios": {s: {n: ratio(by, n) for n in by if n not in OURS} for s, by in times.items()},
        "bf16_to_onnxruntime_f32": {s: ratio(by, "onnxruntime f32", "bf16") for s, by in times.items()},
        "avx2_to_onnxruntime_avx2": {s: ratio(by, RESTRICTED, "avx2") for s, by in times.items()},
    }
    print(json.dumps(result, ensure_ascii=False, indent=1))
    if args.page:
        args.page.write_text(page(result), encoding="utf-8")


def page(result: dict) -> str:
    """The figures as tables."""
    shapes = list(result["milliseconds"])
    head = lambda first: f"| {first} | " + " | ".join(shapes) + " |\n|---|" + "---|" * len(shapes) + "\n"
    row = lambda name, cells: f"| {name} | " + " | ".join(cells) + " |\n"
    of = lambda by: [f"{by[s][0]} ({by[s][1]}–{by[s][2]})" for s in shapes]
    versions = ", ".join(f"{k} {v}" for k, v in result["versions"].items())
    out = f"# The encoder beside its peers, {result['layers']} layers\n\n"
    out += f"Columns: texts × tokens; mixed: 32 texts of 8 to 64 tokens. {result['threads']} threads, {result['rounds']} rounds, {versions}.\n\n"
    out += "## Milliseconds, medians\n\n" + head("engine")
    for name in next(iter(result["milliseconds"].values())):
        out += row(name, [f"{result['milliseconds'][s][name]:.3f}" for s in shapes])
    out += "\n## The peer's time by ours in int8, in the same round: median (quartiles)\n\n" + head("peer")
    for name in PEERS:
        out += row(name, of({s: result["ratios"][s][name] for s in shapes}))
    out += "\n## ONNX Runtime in f32 by ours in other precisions\n\n" + head("ours")
    out += row("bf16", of(result["bf16_to_onnxruntime_f32"]))
    out += row("f32 on AVX2, both kept to it", of(result["avx2_to_onnxruntime_avx2"]))
    out += "\n## Cosine to PyTorch in f32, 200 real messages\n\n| engine | mean | least |\n|---|---|---|\n"
    for name, (mean, least) in result["cosine"].items():
        out += f"| {name} | {mean} | {least} |\n"
    return out


def ratio(by: dict, peer: str, ours: str = "int8") -> list[float]:
    """How many times the peer's time is ours: median and quartiles."""
    values = [theirs / own for theirs, own in zip(by[peer], by[ours])]
    return [round(float(v), 2) for v in np.percentile(values, (50, 25, 75))]


def likeness(engines: dict, texts) -> dict:
    """Mean and least cosine of each engine's vectors to PyTorch's in f32."""
    reference = engines["pytorch f32"].vectors(texts)
    out = {}
    for name, engine in engines.items():
        vectors = engine.vectors(texts)
        if len(vectors) == len(reference):
            each = (vectors * reference).sum(1) / np.linalg.norm(vectors, axis=1) / np.linalg.norm(reference, axis=1)
            out[name] = [round(float(each.mean()), 6), round(float(each.min()), 6)]
    return out


class Program:
    """Engines in a process of their own, asked by lines of JSON; it takes the times itself."""

    def __init__(self, command: list):
        self.process = subprocess.Popen(list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, engine: str, texts, runs: int) -> dict:
        self.process.stdin.write(json.dumps({"engine": engine, "texts": [list(map(int, t)) for t in texts], "runs": runs}) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def engine(self, name: str):
        return Engine(self, name)


class Engine:
    def __init__(self, program: Program, name: str):
        self.program, self.name = program, name

    def time(self, texts) -> float:
        """Seconds of one computation; the median of as many as make up about 20 ms."""
        first = self.program.ask(self.name, texts, 1)["nanoseconds"][0]
        runs = max(1, min(50, int(2e7 / first)))
        return statistics.median(self.program.ask(self.name, texts, runs)["nanoseconds"]) / 1e9

    def vectors(self, texts) -> np.ndarray:
        return np.array(self.program.ask(self.name, texts, 0)["vectors"], np.float32)


if __name__ == "__main__":
    main()
