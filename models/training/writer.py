#!/usr/bin/env python3
"""Makes models/weights/writer-1, the pack that writes summaries' texts, from Gemma 3 270M and models/data.

On a graphics card it takes minutes, on processor cores many hours. Needs `gguf` beside requirements.txt.

usage: writer.py [--work FOLDER] [--out FOLDER] [--seed N] [--seconds N] [--device cpu|cuda]
"""
import argparse
import pathlib

import torch
from gguf import GGMLQuantizationType, GGUFWriter, quants
from tokenizers import Tokenizer

import dataset
import export
import writer_base
import writer_fit
from writer_network import EPSILON, FAR, HEAD, HEADS, INNER, LAYERS, NAMES, WIDTH, Gemma
from writer_rows import LONGEST, Rows

VERSION = "1.0.0"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path("var/writer"), help="downloads and the cut tokenizer")
    parser.add_argument("--out", type=pathlib.Path, default=dataset.MODELS / "weights" / "writer-1")
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="the training is shortened to end by then")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    args = parser.parse_args()
    file = writer_base.fetch(args.work)
    args.out.mkdir(parents=True, exist_ok=True)
    kept = writer_base.cut(file, texts(), args.out / "tokenizer.json")
    print(f"{len(kept)} pieces kept", flush=True)
    model = Gemma(len(kept))
    model.load_state_dict(writer_base.weights(file, kept))
    recipe = writer_fit.Recipe(seconds=args.seconds, seed=args.seed)
    rows = Rows(Tokenizer.from_file(str(args.out / "tokenizer.json")))
    taught = writer_fit.fit(model.to(args.device), talks("train"), rows, recipe, lambda line: print(line, flush=True))
    write(taught.state_dict(), args.out, {"seed": args.seed, "epochs": recipe.epochs, "rows": len(talks("train"))})


def talks(split: str) -> list[dict]:
    """Contacts of a split: language, turns of speaker and text, and the annotated summary."""
    return [
        {"language": t["language"], "turns": [(turn["speaker"], turn["text"]) for turn in t["turns"]], "summary": t["summary"]}
        for t in dataset.read("dialogues-*.jsonl")
        if dataset.split_of(t["id"]) == split
    ]


def texts() -> list[str]:
    """What the pieces are chosen for: all that is trained on, and the messages."""
    out = [row.text for row in dataset.messages() if row.split == "train"]
    for talk in talks("train"):
        summary = talk["summary"]
        out += [text for _, text in talk["turns"]]
        out += [summary["text"], summary["issue"], summary["request"], *summary["actions"], *summary["promises"]]
    return out


def write(state: dict[str, torch.Tensor], folder: pathlib.Path, training: dict) -> None:
    """The pack: products in blocks of five bits, embeddings of eight, norms whole; and its manifest."""
    out = GGUFWriter(folder / "model.gguf", "gemma3")
    out.add_name(folder.name)
    out.add_license("gemma")
    out.add_context_length(LONGEST)
    out.add_embedding_length(WIDTH)
    out.add_block_count(LAYERS)
    out.add_feed_forward_length(INNER)
    out.add_head_count(HEADS)
    out.add_head_count_kv(1)
    out.add_key_length(HEAD)
    out.add_value_length(HEAD)
    out.add_layer_norm_rms_eps(EPSILON)
    out.add_rope_freq_base(FAR)
    out.add_sliding_window(LONGEST)
    of_gguf = {ours: name for name, ours in NAMES.items()}
    for key, value in state.items():
        part = key.split(".")
        name = {"embed": "token_embd.weight", "norm": "output_norm.weight"}.get(part[0]) or f"blk.{part[1]}.{of_gguf[part[2]]}.weight"
        kind = GGMLQuantizationType.F32 if value.ndim == 1 else GGMLQuantizationType.Q5_0
        kind = GGMLQuantizationType.Q8_0 if part[0] == "embed" else kind
        out.add_tensor(name, quants.quantize(value.float().cpu().numpy(), kind), raw_dtype=kind)
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.write_tensors_to_file()
    out.close()
    export.write_json(folder / "manifest.json", {
        "id": folder.name,
        "version": VERSION,
        "base": {"name": "Gemma 3 270M", "licence": "Gemma Terms of Use", "sources": list(writer_base.PACKAGES)},
        "files": export.files_of(folder),
        "training": {"recipe": "models/training/writer.py", "data_sha256": dataset.data_hash(), **training},
        "quality": {},
    })


if __name__ == "__main__":
    main()
