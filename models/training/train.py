#!/usr/bin/env python3
"""Makes models/weights/reading-2 from the base weights and models/data. One command, resumes where it was cut off.

`--from FOLDER` begins with the weights there instead and goes on for fewer epochs at a lower rate, its lowest layers as they
are: for labels that were corrected and data that was added since. `--only-talks` leaves the encoder in `--out` as it is and
trains only the model over turns anew (minutes): for whole contacts that were added since.

usage: train.py [--work FOLDER] [--from FOLDER] [--out FOLDER] [--only-talks] [--seed N] [--threads N] [--device cpu|cuda]
"""
import argparse
import pathlib
import time

import torch
from tokenizers import Tokenizer

import base
import dataset
import export
import fit
import members
import talks
import vocabulary
from network import Reader


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path("var/training"), help="downloads, checkpoint, log")
    parser.add_argument("--out", type=pathlib.Path, default=dataset.MODELS / "weights" / "reading-2")
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--from", dest="begun", type=pathlib.Path, help="a model folder to go on from")
    parser.add_argument("--only-talks", action="store_true", help="the encoder in --out stays as it is")
    parser.add_argument("--device", default="cpu")
    args = parser.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(args.threads)
    torch.set_flush_denormal(True)  # tiny squared gradients would otherwise slow a step tenfold
    log = (args.work / "training.log").open("a", encoding="utf-8")

    def say(line: str) -> None:
        print(line, flush=True)
        log.write(f"{time.strftime('%H:%M:%S')} {line}\n")
        log.flush()

    say(f"data {dataset.data_hash()[:12]}, seed {args.seed}")
    if not args.only_talks:
        write_encoder(args, say)
    members.ship(args.out, args.seed, say)
    if not args.only_talks:
        fit.done(args.work)
    size = sum(p.stat().st_size for p in args.out.iterdir())
    say(f"{args.out.name}: {size / 1e6:.1f} MB")


def write_encoder(args: argparse.Namespace, say) -> None:
    """Trains the encoder, a model over turns with it, and writes it with its grams."""
    if args.begun:
        model, config, cut_tokenizer = export.read(args.begun)
        recipe, before = fit.FURTHER, {"from": export.training_of(args.begun)}
    else:
        model, config, cut_tokenizer = start(args.work, args.seed, say)
        recipe, before = fit.FROM_BASE, {}
    tokenizer = Tokenizer.from_file(str(cut_tokenizer))
    messages = [r for r in dataset.messages() if r.split == "train"]
    whole = [t for t in talks.talks() if t.split == "train"]
    rows = len(messages) + sum(len(t.rows) for t in whole)
    say(f"{len(messages)} messages and {len(whole)} talks to train on")
    model = fit.fit(model.to(args.device), messages, whole, tokenizer, args.work, args.seed, recipe, say)
    facts = {"seed": args.seed, "epochs": recipe.epochs, "rows": rows} | before
    export.write(model, config, cut_tokenizer, args.out, facts, say)


def start(work: pathlib.Path, seed: int, say) -> tuple[Reader, dict, pathlib.Path]:
    """The base encoder with its vocabulary cut and fresh heads, its configuration, and where its tokenizer lies."""
    container, whole_tokenizer = base.fetch(work / "base")
    config, arrays = base.convert(container)
    texts = dataset.all_texts()
    cut_tokenizer = work / "tokenizer.json"
    kept = vocabulary.cut(whole_tokenizer, cut_tokenizer, texts)
    name = "embeddings.word_embeddings.weight"
    arrays[name] = arrays[name][kept]
    config["vocab_size"] = len(kept)
    for title, path in (("whole", whole_tokenizer), ("cut", cut_tokenizer)):
        share, length = vocabulary.unknown_share(path, texts)
        say(f"{title} tokenizer: {share:.5%} unknown tokens, {length:.2f} tokens a text on {len(texts)} texts")
    say(f"vocabulary cut from 250002 to {len(kept)} pieces")
    torch.manual_seed(seed)
    model = Reader(config)
    missing, unexpected = model.load_state_dict({k: torch.from_numpy(v) for k, v in arrays.items()}, strict=False)
    fresh = ("heads.", "spans.", "centre", "spread")
    assert not unexpected and all(m.startswith(fresh) for m in missing), (missing, unexpected)
    return model, config, cut_tokenizer


if __name__ == "__main__":
    main()
