"""Fine-tunes the encoder and all heads together. Resumes after the last whole epoch.

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
from tokenizers import Tokenizer
from torch.utils.data import DataLoader, Dataset

import dataset
import spans
from augment import augment
from network import Reader, loss

PREFIX = "query: "
BATCH = 32
LAYER_DECAY = 0.9
HEADS_FASTER = 7  # heads begin with nothing
WARM_UP = 0.1
MEAN = 0.998
LONGEST = 160  # tokens of a text in training; at reading time up to 512


@dataclasses.dataclass
class Recipe:
    epochs: int
    rate: float
    new_heads: bool


FROM_BASE = Recipe(epochs=7, rate=1.5e-4, new_heads=True)
FURTHER = Recipe(epochs=3, rate=6e-5, new_heads=False)


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
    """The batches of one epoch: texts of like length together, so that little is padded, in random order."""

    def __init__(self, rows, tokenizer: Tokenizer, epoch: int, seed: int):
        self.tokenizer, self.seed = tokenizer, f"{seed}/{epoch}"
        chance = random.Random(self.seed)
        rows = rows[:]
        chance.shuffle(rows)
        self.parts = []
        for start in range(0, len(rows), BATCH * 16):
            part = sorted(rows[start : start + BATCH * 16], key=lambda r: len(r.text))
            self.parts += [part[i : i + BATCH] for i in range(0, len(part), BATCH)]
        chance.shuffle(self.parts)

    def __len__(self) -> int:
        return len(self.parts)

    def __getitem__(self, number: int) -> dict:
        part, chance = self.parts[number], random.Random(f"{self.seed}/{number}")
        named = lambda r: dataset.LANGUAGES[r.language] if r.language >= 0 else ""
        return tensors(part, [augment(r.text, r.entities, named(r), r.style, chance) for r in part], self.tokenizer)


def groups(model: Reader, rate: float) -> list[dict]:
    """Parameters by how far they may move."""
    layers = len(model.encoder["layer"])
    out = [{"params": list(model.embeddings.parameters()), "lr": rate * LAYER_DECAY**layers}]
    for number, layer in enumerate(model.encoder["layer"]):
        out.append({"params": list(layer.parameters()), "lr": rate * LAYER_DECAY ** (layers - 1 - number)})
    heads = [*model.heads.parameters(), *model.spans.parameters()]
    return out + [{"params": heads, "lr": rate * HEADS_FASTER}]


def fit(model: Reader, rows, tokenizer: Tokenizer, work: pathlib.Path, seed: int, recipe: Recipe, say) -> Reader:
    """Trains `model` on the device where it lies; returns the running mean of its weights."""
    torch.manual_seed(seed)
    device = model.centre.device
    optimiser = torch.optim.AdamW(groups(model, recipe.rate), weight_decay=0.01, fused=device.type == "cuda")
    steps = recipe.epochs * sum(1 for _ in range(0, len(rows), BATCH))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min((step + 1) / (WARM_UP * steps), max(0.0, (steps - step) / ((1 - WARM_UP) * steps)))
    )
    centre, spread = scales(model, rows, tokenizer)
    if recipe.new_heads:
        model.centre.copy_(centre)
        model.spread.copy_(spread)
    else:
        model.standardise(centre, spread)
    mean = copy.deepcopy(model)
    checkpoint = work / "checkpoint.pt"
    first = 0
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=False)
        assert state["recipe"] == recipe, f"{checkpoint} is of another training: end that one, or take another --work"
        model.load_state_dict(state["model"])
        mean.load_state_dict(state["mean"])
        optimiser.load_state_dict(state["optimiser"])
        schedule.load_state_dict(state["schedule"])
        torch.set_rng_state(state["random"])
        first = state["epoch"] + 1
        say(f"resumed after epoch {first}")
    for epoch in range(first, recipe.epochs):
        model.train()
        started, losses = time.monotonic(), []
        for number, batch in enumerate(loaded(Epoch(rows, tokenizer, epoch, seed), device)):
            with torch.autocast(device.type, torch.bfloat16):
                outputs = model(batch["ids"], batch["mask"])
            value = loss({k: v.float() for k, v in outputs.items()}, batch)
            value.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            optimiser.zero_grad(set_to_none=True)
            follow(mean, model, schedule.last_epoch)
            losses.append(value.detach())
            if number % 40 == 0:
                say(f"epoch {epoch + 1} batch {number}: loss {torch.stack(losses[-40:]).mean().item():.3f}, {time.monotonic() - started:.0f} s")
        say(f"epoch {epoch + 1}: loss {torch.stack(losses).mean().item():.3f}, {time.monotonic() - started:.0f} s")
        part = checkpoint.with_suffix(".part")
        torch.save({
            "model": model.state_dict(), "mean": mean.state_dict(), "optimiser": optimiser.state_dict(),
            "schedule": schedule.state_dict(), "random": torch.get_rng_state(), "epoch": epoch,
            "recipe": recipe,
        }, part)
        part.replace(checkpoint)
    return mean.eval()


def done(work: pathlib.Path) -> None:
    """The model is written: the next training begins anew."""
    (work / "checkpoint.pt").unlink()


def scales(model: Reader, rows, tokenizer: Tokenizer) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean and standard deviation of the rows' vectors, where the model lies."""
    vectors = predict(model, [r.text for r in rows], tokenizer)["vector"]
    return tuple(torch.from_numpy(x).to(model.centre.device) for x in (vectors.mean(0), vectors.std(0)))


def loaded(epoch: Epoch, device: torch.device):
    """Batches on the device; a fast one is fed by processes of its own."""
    workers = 0 if device.type == "cpu" else 2
    for batch in DataLoader(epoch, batch_size=None, num_workers=workers, pin_memory=workers > 0):
        yield {k: v.to(device, non_blocking=True) for k, v in batch.items()}


@torch.no_grad()
def follow(mean: Reader, model: Reader, step: int) -> None:
    keep = min(MEAN, step / (step + 10))
    torch._foreach_lerp_(list(mean.parameters()), list(model.parameters()), 1 - keep)


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
