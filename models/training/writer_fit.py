"""Teaches the writer, and lets it write."""
import copy
import dataclasses
import random
import time

import torch
from torch.nn import functional as F

from writer_network import LAYERS, WIDTH, Gemma
from writer_rows import LONGEST, Rows

ROOM = 200  # tokens that a text may have
TALK = 0.15  # weight of the talk's own tokens beside those of the summary: the languages of the talks are learned too
SMOOTHING = 0.05
PARTS = 0.6  # of so many contacts in an epoch the parts (issue, request, actions, promises) are written too
MEAN = 0.99  # of the weights' mean over steps, by which texts are written


@dataclasses.dataclass
class Recipe:
    rate: float = 2e-4
    epochs: int = 3  # more are learned by heart: chrF++ on dev 42.0 after three, 40.4 after six and eight
    tokens: int = 12_000  # of a batch
    seconds: float = float("inf")  # the course is shortened to end by then
    seed: int = 20


def fit(model: Gemma, talks: list[dict], rows: Rows, recipe: Recipe, say, look=None) -> Gemma:
    """The mean of the weights along the course; `look(model, epoch)` is called after each epoch."""
    device = model.embed.weight.device
    rng = random.Random(recipe.seed)
    torch.manual_seed(recipe.seed)
    mean = copy.deepcopy(model)
    matrices = [p for p in model.parameters() if p.dim() > 1]
    norms = [p for p in model.parameters() if p.dim() == 1]
    optimizer = torch.optim.AdamW(
        [{"params": matrices, "weight_decay": 0.05}, {"params": norms, "weight_decay": 0.0}],
        lr=recipe.rate, betas=(0.9, 0.98), fused=device.type == "cuda",
    )
    begun, step, spent = time.time(), 0, 0.0
    for epoch in range(recipe.epochs):
        parts = batches(talks, rows, rng, recipe.tokens)
        loss_of_epoch = 0.0
        for number, batch in enumerate(parts):
            spent = time.time() - begun
            done = max((epoch + number / len(parts)) / recipe.epochs, spent / recipe.seconds)
            if done >= 1:
                say(f"ends by the clock in epoch {epoch}")
                return mean
            for group in optimizer.param_groups:
                group["lr"] = recipe.rate * min(1, (step + 1) / 40) * max(0.02, 1 - done)
            optimizer.zero_grad(set_to_none=True)
            loss, written = losses(model, batch, device)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            step += 1
            with torch.no_grad():
                keep = min(MEAN, step / (step + 9))
                torch._foreach_lerp_(list(mean.parameters()), list(model.parameters()), 1 - keep)
            loss_of_epoch += written
        say(f"epoch {epoch + 1} of {recipe.epochs}: {float(loss_of_epoch) / len(parts):.3f} a token written, {time.time() - begun:.0f} s")
        if look:
            look(mean, epoch + 1)
    return mean


def batches(talks: list[dict], rows: Rows, rng: random.Random, tokens: int) -> list[list[tuple[list[int], int]]]:
    """An epoch: rows of about the same length together."""
    made = [rows.row(talk, "text", rng) for talk in talks]
    made += [rows.row(talk, "parts", rng) for talk in talks if rng.random() < PARTS]
    made = sorted((row for row in made if len(row[0]) <= LONGEST), key=lambda row: len(row[0]) + rng.random() * 60)
    out, batch = [], []
    for row in made:
        if batch and (len(batch) + 1) * len(row[0]) > tokens:
            out.append(batch)
            batch = []
        batch.append(row)
    out.append(batch)
    rng.shuffle(out)
    return out


def losses(model: Gemma, batch, device) -> tuple[torch.Tensor, torch.Tensor]:
    """What is minimised, and the mean over written tokens alone."""
    length = max(len(ids) for ids, _ in batch)
    ids = torch.zeros(len(batch), length, dtype=torch.long)
    weight = torch.zeros(len(batch), length)
    for place, (row, start) in enumerate(batch):
        ids[place, : len(row)] = torch.tensor(row)
        weight[place, 1:start] = TALK
        weight[place, start : len(row)] = 1
    ids, weight = ids.to(device), weight.to(device)
    with torch.autocast(device.type, torch.bfloat16):
        hidden = model.hidden(ids, torch.arange(length, device=device)[None].expand(len(batch), -1))
        told = weight[:, 1:].reshape(-1)
        wanted = ids[:, 1:].reshape(-1)[told > 0]
        logits = model.logits(hidden[:, :-1].reshape(-1, WIDTH)[told > 0])
    told = told[told > 0]
    loss = F.cross_entropy(logits.float(), wanted, reduction="none", label_smoothing=SMOOTHING)
    return (loss * told).sum() / told.sum(), loss.detach()[told == 1].mean()


@torch.no_grad()
def write(model: Gemma, prompts: list[list[int]], end: int, heat: float = 0.0, longer: float = 0.0, rows: int = 512) -> list[list[int]]:
    """The likeliest tokens after each prompt, or tokens drawn at a heat (of the likeliest nine tenths);
    `longer` is taken off the end's logit."""
    model.eval()
    device = model.embed.weight.device
    order = sorted(range(len(prompts)), key=lambda i: len(prompts[i]))
    result: list[list[int]] = [[] for _ in prompts]
    for begin in range(0, len(order), rows):
        part = order[begin : begin + rows]
        length = max(len(prompts[i]) for i in part)
        ids = torch.zeros(len(part), length, dtype=torch.long)
        for place, i in enumerate(part):
            ids[place, length - len(prompts[i]) :] = torch.tensor(prompts[i])
        pad = torch.tensor([length - len(prompts[i]) for i in part], device=device)
        at = torch.arange(length + ROOM, device=device)
        before = (at[:length, None] >= at[None, :length])[None] & (at[None, None, :length] >= pad[:, None, None])
        before |= torch.eye(length, dtype=torch.bool, device=device)[None]
        caches = [{} for _ in range(LAYERS)]
        done = torch.zeros(len(part), dtype=torch.bool, device=device)
        written = []
        with torch.autocast(device.type, torch.bfloat16):
            hidden = model.hidden(ids.to(device), (at[None, :length] - pad[:, None]).clamp(min=0), before[:, None], caches)[:, -1]
            for step in range(ROOM):
                logits = model.logits(hidden).float()
                logits[:, end] -= longer
                token = drawn(logits, heat) if heat else logits.argmax(-1)
                token = torch.where(done, end, token)
                written.append(token)
                done |= token == end
                if step % 8 == 7 and bool(done.all()):
                    break
                seen = at[None, : length + step + 1] >= pad[:, None]
                place = (length + step - pad)[:, None]
                hidden = model.hidden(token[:, None], place, seen[:, None, None], caches)[:, -1]
        for i, row in zip(part, torch.stack(written, 1).cpu().tolist()):
            result[i] = row[: row.index(end)] if end in row else row
    model.train()
    return result


def drawn(logits: torch.Tensor, heat: float) -> torch.Tensor:
    likely, token = F.softmax(logits / heat, -1).topk(50)
    likely = likely.masked_fill(likely.cumsum(-1) - likely > 0.9, 0)
    return token.gather(1, torch.multinomial(likely, 1))[:, 0]
