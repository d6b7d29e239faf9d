#!/usr/bin/env python3
"""Tries a reader of fewer layers: every second layer of the trained one, taught by it (Sanh et al., 2019).

Prints the figures of both on the test split. Ships nothing: the smaller one is worth it only where it loses under half
a point, and then `train.py` is to be changed.

usage: distil.py [--teacher FOLDER] [--layers 6] [--seed N] [--threads N] [--device cpu|cuda]
"""
import argparse
import pathlib
import random
import time

import torch
import torch.nn.functional as F
from tokenizers import Tokenizer

import calibrate
import dataset
import encode
import export
import fit
import shelf
from network import HEADS, Reader, loss

EPOCHS = 6
RATE = 3e-4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--teacher", type=pathlib.Path, default=dataset.MODELS / "weights" / "reading-2")
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", default="cpu")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.set_flush_denormal(True)
    teacher, config, tokenizer_path = export.read(args.teacher)
    tokenizer = Tokenizer.from_file(str(tokenizer_path))
    messages = dataset.messages()
    rows = [r for r in messages + dataset.turns() if r.split == "train"]
    teacher = teacher.to(args.device)
    scales = encode.scales_of(encode.predict(teacher, [r.text for r in rows], tokenizer))
    teacher.standardise(*(x.to(args.device) for x in scales))
    student = Reader(config | {"num_hidden_layers": args.layers}).to(args.device)
    student.load_state_dict(fewer(teacher.state_dict(), config["num_hidden_layers"], args.layers))
    teach(student, teacher, shelf.filled(rows, [], tokenizer_path, args.seed, args.threads).to(args.device), args.seed)
    held = [r for r in messages if r.split == "test"]
    dev = [r for r in messages if r.split == "dev"]
    for name, model in (("teacher", teacher), ("student", student)):
        outputs = {s: encode.predict(model, [r.text for r in part], tokenizer) for s, part in (("dev", dev), ("test", held))}
        figures = export.measure(outputs["test"], held, *calibrate.calibrate(outputs["dev"], dev))
        print(f"{name}: {figures['all']}", flush=True)


def fewer(state: dict, layers: int, wanted: int) -> dict:
    """The weights with every so many-th layer kept, the last among them."""
    step = layers // wanted
    out = {}
    for name, value in state.items():
        if name.startswith("encoder.layer."):
            number, rest = name.removeprefix("encoder.layer.").split(".", 1)
            if (int(number) + 1) % step:
                continue
            name = f"encoder.layer.{int(number) // step}.{rest}"
        out[name] = value
    return out


def teach(student: Reader, teacher: Reader, texts: shelf.Shelf, seed: int) -> None:
    torch.manual_seed(seed)
    optimiser = torch.optim.AdamW(student.parameters(), lr=RATE, weight_decay=0.01)
    device = student.centre.device
    lessons = fit.Lessons(list(range(len(texts.messages))), [])
    steps = EPOCHS * len(fit.epoch_of(texts, lessons, 1.0, random.Random(seed)))
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: min((step + 1) / (0.05 * steps), 1 - step / steps))
    student.train()
    for epoch in range(EPOCHS):
        started, losses, chance = time.monotonic(), [], random.Random(f"{seed + 1}/{epoch}")
        for rows, _ in fit.epoch_of(texts, lessons, 1.0, chance):
            batch = texts.batch(rows, chance)
            with torch.autocast(device.type, torch.bfloat16):
                with torch.no_grad():
                    wanted = {k: v.float() for k, v in teacher(batch["ids"], batch["mask"]).items()}
                found = {k: v.float() for k, v in student(batch["ids"], batch["mask"]).items()}
            value = 0.3 * loss(found, batch) + likeness(found, wanted, batch["mask"], teacher.spread)
            value.backward()
            torch.nn.utils.clip_grad_norm_(student.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            optimiser.zero_grad(set_to_none=True)
            losses.append(value.detach())
        print(f"epoch {epoch + 1}: loss {torch.stack(losses).mean().item():.3f}, {time.monotonic() - started:.0f} s", flush=True)
    student.eval()


def likeness(found: dict, wanted: dict, mask, spread) -> torch.Tensor:
    """How far the student is from what the teacher says of each head, each token and the vector."""
    total = ((found["vector"] - wanted["vector"]) / spread).square().mean()
    for head in HEADS:
        if head in ("topics", "roles"):
            total = total + F.binary_cross_entropy_with_logits(found[head], wanted[head].sigmoid(), reduction="none").sum(1).mean()
        else:
            total = total + F.cross_entropy(found[head], wanted[head].softmax(1))
    tags = F.cross_entropy(found["spans"].transpose(1, 2), wanted["spans"].softmax(2).transpose(1, 2), reduction="none")
    return total + 6.0 * (tags * mask).sum() / mask.sum()


if __name__ == "__main__":
    main()
