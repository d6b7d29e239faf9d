"""Fine-tunes the encoder and its heads together, with frozen token vectors. Resumes after the last whole epoch."""
import pathlib
import random
import time

import numpy as np
import torch
from tokenizers import Tokenizer

import dataset
from augment import augment
from network import Reader, loss

PREFIX = "query: "
EPOCHS = 8
BATCH = 32
RATE = 1e-4
HEAD_RATE = 1e-3
WARM_UP = 0.1
LONGEST = 160  # tokens of a text in training; at reading time up to 512


def tensors(rows, texts, tokenizer: Tokenizer) -> dict:
    encodings = [e.ids[:LONGEST] for e in tokenizer.encode_batch([PREFIX + t for t in texts])]
    longest = max(map(len, encodings))
    ids = torch.full((len(rows), longest), 1)
    mask = torch.zeros((len(rows), longest), dtype=torch.bool)
    for i, e in enumerate(encodings):
        ids[i, : len(e)] = torch.tensor(e)
        mask[i, : len(e)] = True
    batch = {"ids": ids, "mask": mask, "topics": torch.from_numpy(dataset.targets(rows))}
    for name in ("sentiment", "urgency", "language"):
        batch[name] = torch.tensor([getattr(r, name) for r in rows])
    return batch


def batches(rows, tokenizer: Tokenizer, epoch: int, seed: int):
    """Texts of like length together, so that little is padded; the order of batches is random."""
    chance = random.Random(f"{seed}/{epoch}")
    rows = rows[:]
    chance.shuffle(rows)
    chunks = []
    for start in range(0, len(rows), BATCH * 16):
        part = sorted(rows[start : start + BATCH * 16], key=lambda r: len(r.text))
        chunks += [part[i : i + BATCH] for i in range(0, len(part), BATCH)]
    chance.shuffle(chunks)
    for part in chunks:
        texts = [augment(r.text, dataset.LANGUAGES[r.language] if r.language >= 0 else "", chance) for r in part]
        yield tensors(part, texts, tokenizer)


def fit(model: Reader, rows, tokenizer: Tokenizer, work: pathlib.Path, seed: int, say) -> None:
    torch.manual_seed(seed)
    heads = list(model.heads.parameters())
    body = [p for n, p in model.named_parameters() if p.requires_grad and not n.startswith("heads.")]
    optimiser = torch.optim.AdamW(
        [{"params": body, "lr": RATE}, {"params": heads, "lr": HEAD_RATE}], weight_decay=0.01
    )
    steps = EPOCHS * sum(1 for start in range(0, len(rows), BATCH))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min((step + 1) / (WARM_UP * steps), max(0.0, (steps - step) / ((1 - WARM_UP) * steps)))
    )
    checkpoint = work / "checkpoint.pt"
    if not checkpoint.exists():
        vectors = predict(model, [r.text for r in rows], tokenizer)["vector"]
        model.centre.copy_(torch.from_numpy(vectors.mean(0)))
        model.spread.copy_(torch.from_numpy(vectors.std(0)))
    first = 0
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=False)
        model.load_state_dict(state["model"])
        optimiser.load_state_dict(state["optimiser"])
        schedule.load_state_dict(state["schedule"])
        torch.set_rng_state(state["random"])
        first = state["epoch"] + 1
        say(f"resumed after epoch {first}")
    for epoch in range(first, EPOCHS):
        model.train()
        started, losses = time.monotonic(), []
        for number, batch in enumerate(batches(rows, tokenizer, epoch, seed)):
            with torch.autocast("cpu", torch.bfloat16):
                outputs = model(batch["ids"], batch["mask"])
            value = loss({k: v.float() for k, v in outputs.items()}, batch)
            value.backward()
            torch.nn.utils.clip_grad_norm_(body + heads, 1.0)
            optimiser.step()
            schedule.step()
            optimiser.zero_grad(set_to_none=True)
            losses.append(value.item())
            if number % 20 == 0:
                say(f"epoch {epoch + 1} batch {number}: loss {np.mean(losses[-20:]):.3f}, {time.monotonic() - started:.0f} s")
        say(f"epoch {epoch + 1}: loss {np.mean(losses):.3f}, {time.monotonic() - started:.0f} s")
        part = checkpoint.with_suffix(".part")
        torch.save({
            "model": model.state_dict(), "optimiser": optimiser.state_dict(), "schedule": schedule.state_dict(),
            "random": torch.get_rng_state(), "epoch": epoch,
        }, part)
        part.replace(checkpoint)


@torch.no_grad()
def predict(model: Reader, texts: list[str], tokenizer: Tokenizer) -> dict[str, np.ndarray]:
    """Logits of each head and the mean-pooled vector, in the order of `texts`."""
    model.eval()
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    out: dict[str, list] = {}
    for start in range(0, len(order), 64):
        part = [texts[i] for i in order[start : start + 64]]
        rows = [dataset.Row("", "", t) for t in part]
        batch = tensors(rows, part, tokenizer)
        pooled = model.vectors(batch["ids"], batch["mask"])
        out.setdefault("vector", []).append(pooled)
        for name, logits in model.judge(pooled).items():
            out.setdefault(name, []).append(logits)
    back = np.argsort(order)
    return {name: torch.cat(parts).numpy()[back] for name, parts in out.items()}
