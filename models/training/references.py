#!/usr/bin/env python3
"""Makes the three references that `okno models evaluate --references FOLDER` measures beside the shipped model.

ngrams: grams of letters and words with logistic regression. frozen: the base encoder as it is with logistic
regression on its vectors. plain: the base encoder fine-tuned on topics, sentiment and urgency in one run, without
augmentation, running mean, distillation or further heads. All on the training split of models/data.

usage: references.py [--work FOLDER] [--out FOLDER] [--seed N] [--threads N]
"""
import argparse
import json
import pathlib
import random
import shutil
import time

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.numpy import save_file
from sklearn.linear_model import LogisticRegression
from tokenizers import Tokenizer

import dataset
import encode
import export
import grams
import train
from network import Reader

EPOCHS = 4
RATE = 5e-5
BATCH = 32


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path("var/training"), help="downloads")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("var/references"))
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(args.threads)
    torch.set_flush_denormal(True)
    rows = [r for r in dataset.messages() if r.split == "train"]
    alone(rows, args.out / "ngrams")
    model, config, tokenizer_path = train.start(args.work, args.seed, print)
    tokenizer = Tokenizer.from_file(str(tokenizer_path))
    frozen(model, rows, tokenizer)
    write(model, config, tokenizer_path, args.out / "frozen")
    plain(model, rows, tokenizer, args.seed)
    write(model, config, tokenizer_path, args.out / "plain")


def labels(rows, head: str) -> list[int]:
    return [r.topics[0] if head == "topics" else getattr(r, head) for r in rows]


def alone(rows, folder: pathlib.Path) -> None:
    """The grams by themselves, with the share of each label."""
    stored = grams.fit(rows, alone=True)
    folder.mkdir(parents=True, exist_ok=True)
    save_file(stored, folder / "grams.safetensors")


def frozen(model: Reader, rows, tokenizer: Tokenizer) -> None:
    """Puts logistic regression on the base's standardised vectors into the heads."""
    vectors = encode.predict(model, [r.text for r in rows], tokenizer)["vector"]
    model.centre.copy_(torch.from_numpy(vectors.mean(0)))
    model.spread.copy_(torch.from_numpy(vectors.std(0)))
    vectors = (vectors - vectors.mean(0)) / vectors.std(0)
    for head in grams.HEADS:
        fitted = LogisticRegression(C=0.05, max_iter=500).fit(vectors, labels(rows, head))
        with torch.no_grad():
            model.heads[head].weight.copy_(torch.from_numpy(fitted.coef_))
            model.heads[head].bias.copy_(torch.from_numpy(fitted.intercept_))
    print("frozen: heads fitted", flush=True)


def plain(model: Reader, rows, tokenizer: Tokenizer, seed: int) -> None:
    torch.manual_seed(seed)
    for head in grams.HEADS:
        model.heads[head].reset_parameters()
    heads = list(model.heads.parameters())
    body = [p for n, p in model.named_parameters() if n.startswith("encoder.")]
    optimiser = torch.optim.AdamW([{"params": body, "lr": RATE}, {"params": heads, "lr": 1e-3}], weight_decay=0.01)
    starts = range(0, len(rows), BATCH)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: 1 - step / (EPOCHS * len(starts)))
    model.train()
    for epoch in range(EPOCHS):
        order = sorted(rows, key=lambda r: len(r.text))
        parts = [order[s : s + BATCH] for s in starts]
        random.Random(f"{seed}/{epoch}").shuffle(parts)
        started, losses = time.monotonic(), []
        for part in parts:
            ids, mask, _ = encode.encode([r.text for r in part], tokenizer)
            with torch.autocast("cpu", torch.bfloat16):
                outputs = model(ids, mask)
            value = sum(F.cross_entropy(outputs[head].float(), torch.tensor(labels(part, head))) for head in grams.HEADS)
            value.backward()
            torch.nn.utils.clip_grad_norm_(body + heads, 1.0)
            optimiser.step()
            schedule.step()
            optimiser.zero_grad(set_to_none=True)
            losses.append(value.item())
        print(f"plain epoch {epoch + 1}: loss {np.mean(losses):.3f}, {time.monotonic() - started:.0f} s", flush=True)
    model.eval()


def write(model: Reader, config: dict, tokenizer: pathlib.Path, folder: pathlib.Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    stored = export.pack(model)
    kept = ("embeddings.", "encoder.") + tuple(f"heads.{head}." for head in grams.HEADS)
    save_file({k: v for k, v in stored.items() if k.startswith(kept)}, folder / "model.safetensors")
    shutil.copyfile(tokenizer, folder / "tokenizer.json")
    heads = [{"name": name, "labels": len(labels)} for name, labels in grams.HEADS.items()]
    shape = {k: config[k] for k in export.SHAPE} | {"prefix": encode.PREFIX, "heads": heads}
    (folder / "config.json").write_text(json.dumps(shape, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
