"""Fine-tunes the encoder, all heads and the model over turns together. Resumes after the last whole epoch.

A batch is messages, or whole talks: their turns are judged as texts by the heads and as turns by the model over turns,
so that the vectors learn what turns do in their talks.

Lower layers, which know the languages, move less than upper ones (layer-wise rates: Howard and Ruder, 2018, 3.2), and
the weights that are kept are a running mean over the steps (Polyak and Juditsky, 1992).
"""
import copy
import dataclasses
import pathlib
import random
import time

import numpy as np
import torch
import torch.nn.functional as F
from tokenizers import Tokenizer
from torch import nn
from torch.utils.data import DataLoader, Dataset

import dataset
import spans
import talk
from augment import augment
from network import Reader, loss
from talks import Talk

PREFIX = "query: "
BATCH = 32
TALKS = 4  # in a batch
AT_ONCE = 16  # turns of like length that go through the encoder together
LAYER_DECAY = 0.9
HEADS_FASTER = 7  # heads begin with nothing
WARM_UP = 0.1
MEAN = 0.998
LONGEST = 160  # tokens of a text in training; at reading time up to 512


@dataclasses.dataclass
class Recipe:
    epochs: int  # over the talks
    messages: float  # the share of them in an epoch, drawn anew each time
    rate: float
    new_heads: bool
    still: int  # lowest layers that stay as they are, and the token vectors with them


FROM_BASE = Recipe(epochs=7, messages=1.0, rate=1.5e-4, new_heads=True, still=0)
FURTHER = Recipe(epochs=3, messages=0.35, rate=1e-4, new_heads=False, still=4)


def encode(texts, tokenizer: Tokenizer):
    """Token ids and mask of texts, and for each text the places of its tokens in it (an empty one: no part of it)."""
    encodings = tokenizer.encode_batch([PREFIX + t for t in texts])
    longest = min(LONGEST, max(len(e.ids) for e in encodings))
    ids = torch.full((len(texts), longest), 1)
    mask = torch.zeros((len(texts), longest), dtype=torch.bool)
    places = []
    for i, e in enumerate(encodings):
        size = min(len(e.ids), longest)
        ids[i, :size] = torch.tensor(e.ids[:size])
        mask[i, :size] = True
        places.append([(max(0, a - len(PREFIX)), max(0, b - len(PREFIX))) for a, b in e.offsets[:size]])
    return ids, mask, places


def tensors(rows, variants, tokenizer: Tokenizer) -> dict:
    """A batch; `variants` gives the text and the entities of each row as they are shown to the model."""
    ids, mask, places = encode([text for text, _ in variants], tokenizer)
    batch = {"ids": ids, "mask": mask, "topics": torch.from_numpy(dataset.targets(rows))}
    batch["main"] = torch.tensor([r.topics[0] if r.topics else 0 for r in rows])
    batch["roles"] = torch.from_numpy(dataset.many_hot([r.roles for r in rows], len(dataset.ROLES)))
    batch["spans"] = torch.full(ids.shape, dataset.UNKNOWN)
    for i, (row, (text, entities)) in enumerate(zip(rows, variants)):
        if row.entities is not None:
            batch["spans"][i, : len(places[i])] = torch.tensor(spans.tags(places[i], text, entities))
    for name in ("sentiment", "urgency", "language"):
        batch[name] = torch.tensor([getattr(r, name) for r in rows])
    return batch


class Epoch(Dataset):
    """The batches of one epoch in random order: messages of like length together, so that little is padded, and whole
    talks, a part of them cut where they went on."""

    def __init__(self, messages, talks: list[Talk], tokenizer: Tokenizer, recipe: Recipe, epoch: int, seed: int):
        self.tokenizer, self.seed = tokenizer, f"{seed}/{epoch}"
        chance = random.Random(self.seed)
        rows = chance.sample(messages, round(len(messages) * recipe.messages))
        self.parts = []
        for start in range(0, len(rows), BATCH * 16):
            part = sorted(rows[start : start + BATCH * 16], key=lambda r: len(r.text))
            self.parts += [(part[i : i + BATCH], []) for i in range(0, len(part), BATCH)]
        whole = chance.sample(talks, len(talks))
        for start in range(0, len(whole), TALKS):
            ends = [(t, chance.random() >= talk.CUT) for t in whole[start : start + TALKS]]
            shown = [(t if e else talk.cut(t, chance.randint(1, len(t.rows))), e) for t, e in ends]
            self.parts.append(([r for t, _ in shown for r in t.rows], shown))
        chance.shuffle(self.parts)

    def __len__(self) -> int:
        return len(self.parts)

    def __getitem__(self, number: int) -> tuple[dict, list[tuple[Talk, bool]]]:
        (rows, shown), chance = self.parts[number], random.Random(f"{self.seed}/{number}")
        named = lambda r: dataset.LANGUAGES[r.language] if r.language >= 0 else ""
        variants = [augment(r.text, r.entities, named(r), r.style, chance) for r in rows]
        return tensors(rows, variants, self.tokenizer), shown


def groups(model: Reader, over_turns: talk.TalkModel, recipe: Recipe) -> list[dict]:
    """Parameters by how far they may move."""
    stages = [model.embeddings, *model.encoder["layer"]]
    moving = stages[recipe.still + 1 if recipe.still else 0 :]
    for stage in stages[: len(stages) - len(moving)]:
        stage.requires_grad_(False)
    out = [
        {"params": list(stage.parameters()), "lr": recipe.rate * LAYER_DECAY**above}
        for above, stage in zip(range(len(moving) - 1, -1, -1), moving)
    ]
    heads = [*model.heads.parameters(), *model.spans.parameters(), *over_turns.parameters()]
    return out + [{"params": heads, "lr": recipe.rate * HEADS_FASTER}]


def fit(model: Reader, messages, talks: list[Talk], tokenizer: Tokenizer, work: pathlib.Path, seed: int, recipe: Recipe, say):
    """Trains `model` on the device where it lies, a model over turns with it; returns the running mean of its weights."""
    torch.manual_seed(seed)
    device = model.centre.device
    turns = [r for t in talks for r in t.rows]
    with torch.autocast(device.type, torch.bfloat16):
        known = predict(model, [r.text for r in turns], tokenizer)
    centre, spread = scales_of(known, device)
    if recipe.new_heads:
        model.centre.copy_(centre)
        model.spread.copy_(spread)
    else:
        model.standardise(centre, spread)
    checkpoint = work / "checkpoint.pt"
    over_turns = talk.TalkModel(model)
    if not checkpoint.exists():
        over_turns = talk.fit_talks(model, talks, seen_of(known, (centre, spread), talks), seed)
        say("the model over turns has begun")
    both = nn.ModuleDict({"reader": model, "talk": over_turns.to(device)})
    optimiser = torch.optim.AdamW(groups(model, over_turns, recipe), weight_decay=0.01, fused=device.type == "cuda")
    steps = recipe.epochs * len(Epoch(messages, talks, tokenizer, recipe, 0, seed))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min((step + 1) / (WARM_UP * steps), max(0.0, (steps - step) / ((1 - WARM_UP) * steps)))
    )
    mean = copy.deepcopy(both)
    first = 0
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=False)
        assert state["recipe"] == recipe, f"{checkpoint} is of another training: end that one, or take another --work"
        both.load_state_dict(state["model"])
        mean.load_state_dict(state["mean"])
        optimiser.load_state_dict(state["optimiser"])
        schedule.load_state_dict(state["schedule"])
        torch.set_rng_state(state["random"])
        first = state["epoch"] + 1
        say(f"resumed after epoch {first}")
    for epoch in range(first, recipe.epochs):
        both.train()
        started, losses = time.monotonic(), {"messages": [], "turns": [], "talks": []}
        for number, (batch, shown) in enumerate(loaded(Epoch(messages, talks, tokenizer, recipe, epoch, seed), device)):
            with torch.autocast(device.type, torch.bfloat16):
                outputs = by_length(model, batch["ids"], batch["mask"]) if shown else model(batch["ids"], batch["mask"])
            outputs = {k: v.float() for k, v in outputs.items()}
            value = loss(outputs, batch)
            losses["turns" if shown else "messages"].append(value.detach())
            if shown:
                of_talks = over(model, over_turns, outputs, shown)
                losses["talks"].append(of_talks.detach())
                value = value + of_talks
            value.backward()
            torch.nn.utils.clip_grad_norm_(both.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            optimiser.zero_grad(set_to_none=True)
            follow(mean, both, schedule.last_epoch)
            if number % 40 == 0:
                say(f"epoch {epoch + 1} batch {number}: {latest(losses)}, {time.monotonic() - started:.0f} s")
        say(f"epoch {epoch + 1}: {latest(losses)}, {time.monotonic() - started:.0f} s")
        part = checkpoint.with_suffix(".part")
        torch.save({
            "model": both.state_dict(), "mean": mean.state_dict(), "optimiser": optimiser.state_dict(),
            "schedule": schedule.state_dict(), "random": torch.get_rng_state(), "epoch": epoch,
            "recipe": recipe,
        }, part)
        part.replace(checkpoint)
    return mean["reader"].cpu().eval()


def over(model: Reader, over_turns: talk.TalkModel, outputs: dict, shown: list[tuple[Talk, bool]]) -> torch.Tensor:
    """The loss of the model over turns on the talks of a batch."""
    talks, sizes = [t for t, _ in shown], [len(t.rows) for t, _ in shown]
    vectors = ((outputs["vector"] - model.centre) / model.spread).cpu().split(sizes)
    seen = talk.seen(talks, list(vectors), list(outputs["roles"].cpu().split(sizes)))
    device = model.centre.device
    seen = dataclasses.replace(seen, **{f.name: getattr(seen, f.name).to(device) for f in dataclasses.fields(seen)})
    out = {k: v.cpu() for k, v in over_turns(seen, noise=talk.LESS_NOISE).items()}
    return talk.loss(over_turns, out, talks, torch.tensor([ended for _, ended in shown]))


def by_length(model: Reader, ids, mask) -> dict:
    """What the model gives, at less padding: texts of like length go through it together."""
    lengths = mask.sum(1)
    order = lengths.argsort()
    parts = []
    for part in order.split(AT_ONCE):
        longest = int(lengths[part].max())
        out = model(ids[part, :longest], mask[part, :longest])
        parts.append(out | {"spans": F.pad(out["spans"], (0, 0, 0, ids.shape[1] - longest))})
    back = order.argsort()
    return {name: torch.cat([p[name] for p in parts])[back] for name in parts[0]}


def latest(losses: dict[str, list]) -> str:
    return ", ".join(f"{name} {torch.stack(values[-40:]).mean().item():.3f}" for name, values in losses.items() if values)


def done(work: pathlib.Path) -> None:
    """The model is written: the next training begins anew."""
    (work / "checkpoint.pt").unlink()


def scales(model: Reader, rows, tokenizer: Tokenizer) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean and standard deviation of the rows' vectors, where the model lies."""
    return scales_of(predict(model, [r.text for r in rows], tokenizer), model.centre.device)


def scales_of(outputs: dict, device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    return tuple(torch.from_numpy(x).to(device) for x in (outputs["vector"].mean(0), outputs["vector"].std(0)))


def loaded(epoch: Epoch, device: torch.device):
    """Batches on the device; a fast one is fed by processes of its own."""
    workers = 0 if device.type == "cpu" else 2
    for batch, shown in DataLoader(epoch, batch_size=None, num_workers=workers, collate_fn=lambda part: part):
        yield {k: v.to(device, non_blocking=True) for k, v in batch.items()}, shown


@torch.no_grad()
def follow(mean: nn.Module, model: nn.Module, step: int) -> None:
    keep = min(MEAN, step / (step + 10))
    moving = [(m, p) for m, p in zip(mean.parameters(), model.parameters()) if p.requires_grad]
    torch._foreach_lerp_([m for m, _ in moving], [p for _, p in moving], 1 - keep)


@torch.no_grad()
def predict(model: Reader, texts: list[str], tokenizer: Tokenizer) -> dict:
    """Logits of each head and the pooled vector as arrays in the order of `texts`; under `spans` a list
    of `(logits of the tokens, their places)`."""
    model.eval()
    device = model.centre.device
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    out: dict[str, list] = {}
    for start in range(0, len(order), 64):
        ids, mask, places = encode([texts[i] for i in order[start : start + 64]], tokenizer)
        for name, values in model(ids.to(device), mask.to(device)).items():
            values = values.float().cpu()
            if name == "spans":
                values = [(v[: len(p)].numpy(), p) for v, p in zip(values, places)]
            out.setdefault(name, []).extend(values)
    back = np.argsort(order)
    return {
        name: [parts[i] for i in back] if name == "spans" else torch.stack(parts).numpy()[back] for name, parts in out.items()
    }


def seen_of(outputs: dict, scales: tuple[torch.Tensor, torch.Tensor], talks: list[Talk]) -> list[talk.Seen]:
    """Each talk as its turns were encoded, standardised by `scales` (centre and spread)."""
    vectors = (torch.from_numpy(outputs["vector"]) - scales[0].cpu()) / scales[1].cpu()
    sizes = [len(t.rows) for t in talks]
    of_each = zip(talks, vectors.split(sizes), torch.from_numpy(outputs["roles"]).split(sizes))
    return [talk.seen([t], [v], [r]) for t, v, r in of_each]
