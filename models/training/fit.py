"""Fine-tunes the encoder, all heads and the model over turns together.

A step sees messages and whole talks: the talks' turns are judged as texts by the heads and as turns by the model over
turns, so that the vectors learn what turns do in their talks.

Lower layers, which know the languages, move less than upper ones (layer-wise rates: Howard and Ruder, 2018, 3.2), and
the weights that are kept are a running mean over the steps (Polyak and Juditsky, 1992).
"""
import copy
import dataclasses
import pathlib
import random
import time

import torch
import torch.nn.functional as F
from torch import nn

import talk
from network import Reader, loss
from shelf import Shelf

MESSAGES = 32  # in a step without talks
TALKS = 4  # in a step; the messages are shared out over the steps
WINDOW = 16  # steps whose messages are shared out by length, so that little is padded
AT_ONCE = {"cpu": 16, "cuda": 256}  # texts of like length that go through the encoder together
LAYER_DECAY = 0.9
HEADS_FASTER = 7  # heads begin with nothing
WARM_UP = 0.1
MEAN = 0.998
SAVED_EVERY = 600.0  # seconds
TOLD_EVERY = 100  # steps


@dataclasses.dataclass
class Recipe:
    epochs: int  # over the talks, or over the messages where there are no talks
    known: float = 1.0  # the share of messages, and of talks learned on before, in an epoch, drawn anew each time
    rate: float = 1.5e-4
    still: int = 0  # lowest layers that stay as they are, and the token vectors with them
    seconds: float = float("inf")  # the rate falls to nothing within this time, whatever epochs are left


@dataclasses.dataclass
class Lessons:
    """What is learned from."""

    messages: list[int]  # rows of the shelf
    talks: list[int]  # numbers of its talks
    known: list[int] = dataclasses.field(default_factory=list)  # and of those that were learned on before


def epoch_of(shelf: Shelf, lessons: Lessons, share: float, chance: random.Random) -> list[tuple[list[int], list[int]]]:
    """The steps of one epoch: messages and talks of each."""
    rows = chance.sample(lessons.messages, round(len(lessons.messages) * share))
    talks = lessons.talks + chance.sample(lessons.known, round(len(lessons.known) * share))
    talks = chance.sample(talks, len(talks))
    steps = -(-len(talks) // TALKS) or -(-len(rows) // MESSAGES)
    shared = lambda things, number, of: things[len(things) * number // of : len(things) * (number + 1) // of]
    out = []
    for start in range(0, steps, WINDOW):
        of_window = range(start, min(steps, start + WINDOW))
        window = [row for number in of_window for row in shared(rows, number, steps)]
        window.sort(key=lambda row: len(shelf.messages[row].text))
        out += [(shared(window, n, len(of_window)), shared(talks, number, steps)) for n, number in enumerate(of_window)]
    chance.shuffle(out)
    return out


def groups(model: Reader, over_turns: talk.TalkModel | None, recipe: Recipe) -> list[dict]:
    """Parameters by how far they may move."""
    stages = [model.embeddings, *model.encoder["layer"]]
    moving = stages[recipe.still + 1 if recipe.still else 0 :]
    for stage in stages[: len(stages) - len(moving)]:
        stage.requires_grad_(False)
    out = [
        {"params": list(stage.parameters()), "lr": recipe.rate * LAYER_DECAY**above}
        for above, stage in zip(range(len(moving) - 1, -1, -1), moving)
    ]
    heads = [*model.heads.parameters(), *model.spans.parameters(), *(over_turns.parameters() if over_turns else ())]
    return out + [{"params": heads, "lr": recipe.rate * HEADS_FASTER}]


def fit(
    model: Reader, over_turns: talk.TalkModel | None, shelf: Shelf, lessons: Lessons, checkpoint: pathlib.Path, seed: int,
    recipe: Recipe, say,
) -> tuple[Reader, talk.TalkModel | None]:
    """Trains both on the device where they and `shelf` lie; returns the running mean of their weights. Goes on from
    `checkpoint` where it was cut off."""
    torch.manual_seed(seed)
    device = model.centre.device
    both = nn.ModuleDict({"reader": model} | ({"talk": over_turns} if over_turns else {}))
    optimiser = torch.optim.AdamW(groups(model, over_turns, recipe), weight_decay=0.01, fused=device.type == "cuda")
    rates = [group["lr"] for group in optimiser.param_groups]
    mean = copy.deepcopy(both)
    first, spent = 0, 0.0
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=False, map_location=device)
        assert state["recipe"] == recipe, f"{checkpoint} is of another training: end that one, or take another --work"
        both.load_state_dict(state["model"])
        mean.load_state_dict(state["mean"])
        optimiser.load_state_dict(state["optimiser"])
        torch.set_rng_state(state["random"].cpu())
        first, spent = state["epoch"] + 1, state["spent"]
        say(f"resumed after epoch {first}")
    begun, saved, step, passed = time.monotonic() - spent, time.monotonic(), 0, 0.0
    for epoch in range(first, recipe.epochs):
        if passed >= 1:
            break
        chance = random.Random(f"{seed}/{epoch}")
        parts = epoch_of(shelf, lessons, recipe.known, chance)
        steps, step = recipe.epochs * len(parts), epoch * len(parts)
        both.train()
        losses: dict[str, list] = {"messages": [], "turns": [], "talks": []}
        for part in parts:
            passed = max(step / steps, (time.monotonic() - begun) / recipe.seconds)
            if passed >= 1:
                break
            for group, rate in zip(optimiser.param_groups, rates):
                group["lr"] = rate * min(passed / WARM_UP + 0.01, (1 - passed) / (1 - WARM_UP))
            learn(model, over_turns, shelf, *part, chance, losses).backward()
            torch.nn.utils.clip_grad_norm_(both.parameters(), 1.0)
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
            step += 1
            follow(mean, both, step)
            if step % TOLD_EVERY == 0:
                say(f"epoch {epoch + 1} step {step}: {latest(losses)}, {time.monotonic() - begun:.0f} s")
        if time.monotonic() - saved > SAVED_EVERY:
            save(checkpoint, {
                "model": both.state_dict(), "mean": mean.state_dict(), "optimiser": optimiser.state_dict(),
                "random": torch.get_rng_state(), "epoch": epoch, "spent": time.monotonic() - begun, "recipe": recipe,
            })
            saved = time.monotonic()
    say(f"{step} steps of {steps} in {time.monotonic() - begun:.0f} s: {latest(losses)}")
    mean.eval()
    return mean["reader"], mean["talk"] if over_turns else None


def learn(model: Reader, over_turns, shelf: Shelf, messages: list[int], talks: list[int], chance, losses) -> torch.Tensor:
    """The loss of one step."""
    device = model.centre.device
    ends = [(shelf.talks[i], chance.random() >= talk.CUT) for i in talks]
    shown = [(t if ended else talk.cut(t, chance.randint(1, len(t.rows))), ended) for t, ended in ends]
    turns = [shelf.first_turns[i] + n for i, (t, _) in zip(talks, shown) for n in range(len(t.rows))]
    batch = shelf.batch(messages + turns, chance)
    with torch.autocast(device.type, torch.bfloat16):
        outputs = by_length(model, batch["ids"], batch["mask"], AT_ONCE[device.type])
    outputs = {k: v.float() for k, v in outputs.items()}
    parts = {"messages": slice(0, len(messages)), "turns": slice(len(messages), None)}
    of = lambda part: loss({k: v[parts[part]] for k, v in outputs.items()}, {k: v[parts[part]] for k, v in batch.items()})
    values = {part: of(part) for part, rows in (("messages", messages), ("turns", turns)) if rows}
    if turns:
        vectors = (outputs["vector"][parts["turns"]] - model.centre) / model.spread
        sizes, talks = [len(t.rows) for t, _ in shown], [t for t, _ in shown]
        seen = talk.seen(talks, vectors.split(sizes), outputs["roles"][parts["turns"]].split(sizes))
        values["talks"] = talk.loss(over_turns, over_turns(seen), talks, [ended for _, ended in shown])
    for name, value in values.items():
        losses[name].append(value.detach())
    return sum(values.values())


def by_length(model: Reader, ids, mask, at_once: int) -> dict:
    """What the model gives, at less padding: texts of like length go through it together."""
    if len(ids) <= at_once:
        return model(ids, mask)
    lengths = mask.sum(1)
    order = lengths.argsort()
    parts = []
    for part in order.split(at_once):
        longest = int(lengths[part].max())
        out = model(ids[part, :longest], mask[part, :longest])
        parts.append(out | {"spans": F.pad(out["spans"], (0, 0, 0, ids.shape[1] - longest))})
    back = order.argsort()
    return {name: torch.cat([p[name] for p in parts])[back] for name in parts[0]}


def latest(losses: dict[str, list]) -> str:
    return ", ".join(f"{name} {torch.stack(values[-40:]).mean().item():.3f}" for name, values in losses.items() if values)


@torch.no_grad()
def follow(mean: nn.Module, model: nn.Module, step: int) -> None:
    keep = min(MEAN, step / (step + 10))
    moving = [(m, p) for m, p in zip(mean.parameters(), model.parameters()) if p.requires_grad]
    torch._foreach_lerp_([m for m, _ in moving], [p for _, p in moving], 1 - keep)


def save(path: pathlib.Path, what) -> None:
    """Whole or not at all."""
    part = path.with_suffix(".part")
    torch.save(what, part)
    part.replace(path)
