#!/usr/bin/env python3
"""Makes models/weights/reading-2 from the base weights and models/data. One command, resumes where it was cut off.

`--from FOLDER` begins with the weights there instead and goes on for fewer epochs at a lower rate, its lowest layers as they
are: for labels that were corrected and data that was added since. `--only-talks` leaves the encoder in `--out` as it is and
trains only the model over turns anew (minutes): for whole contacts that were added since. Both use `unseen.pt` of the
training before where `--work` has it.

On a graphics card `--only-learn --seconds N` learns for so long and leaves what ships to a second call elsewhere that finds
the same `--work`.

usage: train.py [--work FOLDER] [--from FOLDER] [--out FOLDER] [--only-learn | --only-talks] [--seed N] [--threads N]
                [--device cpu|cuda] [--readers N] [--epochs N] [--seconds N] [--limit N]
"""
import argparse
import dataclasses
import json
import pathlib
import time

import torch
from safetensors.torch import load_file, save_file

import base
import dataset
import export
import members
import readers
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
    parser.add_argument("--only-learn", action="store_true", help="nothing is written to --out")
    card = torch.cuda.is_available()
    parser.add_argument("--device", default="cuda" if card else "cpu")
    parser.add_argument("--readers", type=int, default=4 if card else 1, help="that learn side by side; their mean counts")
    parser.add_argument("--epochs", type=int, help="over the talks")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="to learn in; the rates fall accordingly")
    parser.add_argument("--limit", type=int, help="so many messages and talks only, to try the way")
    args = parser.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(args.threads)
    torch.set_flush_denormal(True)  # tiny squared gradients would otherwise slow a step tenfold
    log = (args.work / "training.log").open("a", encoding="utf-8")

    def say(line: str) -> None:
        print(time.strftime("%H:%M:%S"), line, flush=True)
        log.write(f"{time.strftime('%H:%M:%S')} {line}\n")
        log.flush()

    say(f"data {dataset.data_hash()[:12]}, seed {args.seed}")
    kept = args.work / "unseen.pt"
    before = torch.load(kept, weights_only=False) if kept.exists() and (args.begun or args.only_talks) else {}
    learned = {"unseen": before} if args.only_talks else learn(args, before, say)
    if args.only_learn:
        return
    if not args.only_talks:
        model, config, cut_tokenizer = begun(args, say)
        model.load_state_dict(learned["reader"])
        export.write(model, config, cut_tokenizer, args.out, learned["facts"], say)
    members.ship(args.out, learned["unseen"], args.seed, args.device, say)
    torch.save(learned["unseen"], kept)
    (args.work / "learned.pt").unlink(missing_ok=True)  # the next training begins anew
    size = sum(p.stat().st_size for p in args.out.iterdir())
    say(f"{args.out.name}: {size / 1e6:.1f} MB")


def learn(args: argparse.Namespace, before: dict, say) -> dict:
    """Trains the encoder and a model over turns with it, or finds them in `--work`."""
    deadline = time.time() + args.seconds
    model, config, cut_tokenizer = begun(args, say)
    recipe = readers.FURTHER if args.begun else readers.FROM_BASE
    recipe = dataclasses.replace(recipe, epochs=args.epochs or recipe.epochs)
    plan = readers.Plan(
        args.work, config, cut_tokenizer, args.seed, args.threads, args.device, args.readers, recipe,
        alone=not args.begun, limit=args.limit, deadline=deadline, before=before,
        turns=members.first_of(args.begun, model) if args.begun else None,
    )
    learned = readers.learned(model, plan, say)
    begun_with = {"from": export.training_of(args.begun)} if args.begun else {}
    facts = {"seed": args.seed, "epochs": learned["epochs"], "readers": learned["readers"], "rows": learned["rows"]}
    return learned | {"facts": facts | begun_with}


def begun(args: argparse.Namespace, say) -> tuple[Reader, dict, pathlib.Path]:
    """Where the training begins: the model, its configuration, and where its tokenizer lies."""
    return export.read(args.begun) if args.begun else start(args.work, args.seed, say)


def start(work: pathlib.Path, seed: int, say) -> tuple[Reader, dict, pathlib.Path]:
    """The base encoder with its vocabulary cut, kept in `work`, and fresh heads."""
    kept, settings, tokenizer = work / "base.safetensors", work / "base.json", work / "tokenizer.json"
    if not kept.exists():
        cut_base(work, kept, settings, tokenizer, say)
    config = json.loads(settings.read_text(encoding="utf-8"))
    torch.manual_seed(seed)
    model = Reader(config)
    missing, unexpected = model.load_state_dict(load_file(kept), strict=False)
    fresh = ("heads.", "spans.", "centre", "spread")
    assert not unexpected and all(m.startswith(fresh) for m in missing), (missing, unexpected)
    return model, config, tokenizer


def cut_base(work: pathlib.Path, kept: pathlib.Path, settings: pathlib.Path, tokenizer: pathlib.Path, say) -> None:
    """Fetches the base and writes its tensors, its configuration and its tokenizer, all with the vocabulary cut."""
    container, whole_tokenizer = base.fetch(work / "base")
    config, arrays = base.convert(container)
    texts = dataset.all_texts()
    ids = vocabulary.cut(whole_tokenizer, tokenizer, texts)
    name = "embeddings.word_embeddings.weight"
    arrays[name] = arrays[name][ids]
    for title, path in (("whole", whole_tokenizer), ("cut", tokenizer)):
        share, length = vocabulary.unknown_share(path, texts)
        say(f"{title} tokenizer: {share:.5%} unknown tokens, {length:.2f} tokens a text on {len(texts)} texts")
    say(f"vocabulary cut from 250002 to {len(ids)} pieces")
    export.write_json(settings, config | {"vocab_size": len(ids)})
    save_file({k: torch.from_numpy(v) for k, v in arrays.items()}, kept)


if __name__ == "__main__":
    main()
