"""Several readers from one beginning, each without a part of the talks, and the mean of their weights.

All first learn on messages together; from there each goes its own way with its own order, noise and three quarters of the
talks, so that the mean of their weights is better than any of them (Wortsman et al., 2022) and has seen every talk. What
each says of the talks it never saw is kept: from that the members of the model over turns learn (`members.py`), because
talks an encoder learned on look clearer to it than any new ones.

On a graphics card they learn side by side in processes of their own: a step is too small to keep the card busy. Without
one there is one reader, which sees all talks. Readers that go on from finished weights share out the talks that came since
(those that `unseen.pt` in the work folder, which each training leaves, does not name), and see a part of the others.
"""
import dataclasses
import multiprocessing
import pathlib
import time

import numpy as np
import torch
from sklearn.metrics import average_precision_score
from tokenizers import Tokenizer

import calibrate
import contacts
import dataset
import encode
import export
import fit
import shelf as shelves
import talk
from network import Reader
from shelf import Shelf
from talks import Talk

ALONE = fit.Recipe(epochs=2)  # on messages only
FROM_BASE = fit.Recipe(epochs=8)
FURTHER = fit.Recipe(epochs=4, known=0.5, rate=1e-4, still=4)
SHARE_ALONE = 0.15  # of the time
AT_END = {"cpu": 400.0, "cuda": 35.0}  # seconds that judging and writing take
SAMPLE = 200  # talks that say how a reader's vectors lie
HELD = 6.0  # standard deviations to which a vector's values are kept, in 127 steps
WORTH = ("topic", "class", "sentiment", "critical", "facts", "facts_and_answers", "evidence_outcome", "contact_topic")


@dataclasses.dataclass
class Plan:
    work: pathlib.Path
    config: dict
    tokenizer: pathlib.Path
    seed: int
    threads: int
    device: str
    readers: int
    recipe: fit.Recipe
    alone: bool  # whether messages come first
    limit: int | None  # so many messages and talks at most, to try the whole way
    deadline: float  # of the clock; the rates fall to nothing before it
    before: dict[str, tuple]  # `unseen` of the training that is gone on from
    turns: dict | None  # the model over turns that is gone on from

    def within(self, recipe: fit.Recipe, share: float) -> fit.Recipe:
        return dataclasses.replace(recipe, seconds=max(1.0, share * (self.deadline - AT_END[self.device] - time.time())))


def learned(model: Reader, plan: Plan, say) -> dict:
    """`reader` and `talk`, the state of both models, `unseen` (see `unseen_by`), and what dev says of them; also kept in
    `plan.work`, where it is found again."""
    kept = plan.work / "learned.pt"
    if kept.exists():
        return torch.load(kept, weights_only=False)
    texts = shelves.of_data(plan.tokenizer, plan.work, plan.seed, plan.threads)
    say(f"{len(texts.messages)} messages and {len(texts.talks)} talks on the shelf")
    if plan.readers == 1:
        common(model, texts, plan, say)
        one(0, plan, None)
    else:
        kind = multiprocessing.get_context("spawn")
        ready = kind.Event()
        others = [kind.Process(target=one, args=(number, plan, ready), daemon=True) for number in range(plan.readers)]
        for other in others:
            other.start()
        common(model, texts, plan, say)
        ready.set()
        for other in others:
            left = plan.deadline - time.time()
            other.join(max(1.0, left) if left < float("inf") else None)
            if other.is_alive():
                other.kill()
    parts = [torch.load(path, weights_only=False) for path in sorted(plan.work.glob("reader-*.pt"))]
    result = best(parts, texts, plan, say)
    fit.save(kept, result)
    for path in [plan.work / "common.pt", *plan.work.glob("reader-*.pt")]:
        path.unlink()
    return result


def lessons_of(texts: Shelf, plan: Plan, split: str = "train") -> fit.Lessons:
    of_split = lambda rows: [i for i, r in enumerate(rows) if r.split == split]
    spread = lambda numbers: numbers[:: max(1, len(numbers) // plan.limit)] if plan.limit else numbers
    return fit.Lessons(spread(of_split(texts.messages)), spread(of_split(texts.talks)))


def common(model: Reader, texts: Shelf, plan: Plan, say) -> None:
    """Where all readers begin: what was learned from messages alone, its vectors of turns at mean 0 and deviation 1."""
    kept = plan.work / "common.pt"
    if kept.exists():
        return
    model, lessons = model.to(plan.device), lessons_of(texts, plan)
    tokenizer = Tokenizer.from_file(str(plan.tokenizer))
    turns = [r.text for t in some_of([texts.talks[i] for i in lessons.talks]) for r in t.rows]
    scales = lambda: (x.to(plan.device) for x in encode.scales_of(encode.predict(model, turns, tokenizer)))
    if plan.alone:
        # The heads are new, so nothing they say is to be kept.
        for known, found in zip((model.centre, model.spread), scales()):
            known.copy_(found)
        on_messages = fit.Lessons(lessons.messages, [])
        checkpoint, recipe = plan.work / "checkpoint-alone.pt", plan.within(ALONE, SHARE_ALONE)
        model, _ = fit.fit(model, None, texts.to(plan.device), on_messages, checkpoint, plan.seed, recipe, say)
        checkpoint.unlink(missing_ok=True)
    model.standardise(*scales())
    fit.save(kept, model.state_dict())


def one(number: int, plan: Plan, ready) -> None:
    """Trains one reader and writes it to `plan.work`; `ready`: an event that comes when `common` has ended."""
    torch.set_num_threads(max(1, plan.threads // plan.readers))
    say = lambda line: print(f"{time.strftime('%H:%M:%S')} reader {number}: {line}", flush=True)
    texts = shelves.of_data(plan.tokenizer, plan.work, plan.seed, plan.threads)
    on_device = texts.to(plan.device)
    if ready:
        ready.wait()
    model = Reader(plan.config)
    model.load_state_dict(torch.load(plan.work / "common.pt", map_location="cpu"))
    torch.manual_seed(plan.seed)  # all models over turns begin alike too
    over_turns = talk.TalkModel(model)
    if plan.turns:
        over_turns.load_state_dict(plan.turns)
    over_turns = over_turns.to(plan.device)
    every = lessons_of(texts, plan)
    since = [i for i in every.talks if texts.talks[i].id not in plan.before]
    held = since[number :: plan.readers] if plan.readers > 1 else []
    since = sorted(set(since) - set(held))
    lessons = fit.Lessons(every.messages, since, [i for i in every.talks if texts.talks[i].id in plan.before])
    checkpoint, recipe = plan.work / f"checkpoint-{number}.pt", plan.within(plan.recipe, 1.0)
    model, over_turns = fit.fit(
        model.to(plan.device), over_turns, on_device, lessons, checkpoint, plan.seed + number, recipe, say
    )
    state = lambda of: {k: v.cpu() for k, v in of.state_dict().items()}
    out, kept = {"reader": state(model), "talk": state(over_turns), "unseen": {}}, plan.work / f"reader-{number}.pt"
    fit.save(kept, out)  # what follows may be cut off
    tokenizer = Tokenizer.from_file(str(plan.tokenizer))
    out["unseen"] = unseen_by(model, [texts.talks[i] for i in since + lessons.known], [texts.talks[i] for i in held], tokenizer)
    fit.save(kept, out)
    out["figures"] = on_dev(out, texts, plan)
    say(shown(out["figures"]))
    fit.save(kept, out)
    checkpoint.unlink(missing_ok=True)


def unseen_by(model: Reader, seen: list[Talk], unseen: list[Talk], tokenizer: Tokenizer) -> dict[str, tuple]:
    """By id of each unseen talk what a reader says of its turns: the vectors, standardised as those of the talks it has
    seen are, in bytes, and the logits of their roles."""
    read = lambda talks: encode.predict(model, [r.text for t in talks for r in t.rows], tokenizer)
    if not unseen:
        return {}
    centre, spread = encode.scales_of(read(some_of(seen)))
    told = read(unseen)
    vectors = (torch.from_numpy(told["vector"]) - centre) / spread
    vectors = (vectors * (127 / HELD)).round().clamp(-127, 127).to(torch.int8)
    sizes = [len(t.rows) for t in unseen]
    roles = torch.from_numpy(told["roles"]).half()
    return {t.id: of_talk for t, *of_talk in zip(unseen, vectors.split(sizes), roles.split(sizes))}


def some_of(talks: list[Talk]) -> list[Talk]:
    return talks[:: max(1, len(talks) // SAMPLE)]


def as_seen(talk_: Talk, told: tuple[torch.Tensor, torch.Tensor]) -> talk.Seen:
    """A talk as `unseen_by` kept it."""
    vectors, roles = told
    return talk.seen([talk_], [vectors.float() * (HELD / 127)], [roles.float()])


def mean_of(states: list[dict]) -> dict:
    return {name: torch.stack([state[name] for state in states]).mean(0) for name in states[0]}


def best(parts: list[dict], texts: Shelf, plan: Plan, say) -> dict:
    """The mean of the readers, or the one of them that is better on dev."""
    mean = {of: mean_of([part[of] for part in parts]) for of in ("reader", "talk")}
    if len(parts) > 1 or "figures" not in parts[0]:
        mean["figures"] = on_dev(mean, texts, plan)
        say(f"the mean of {len(parts)}: {shown(mean['figures'])}")
    else:
        mean = parts[0]
    judged = [part for part in parts if "figures" in part]
    taken = max([mean, *judged], key=lambda part: np.mean([part["figures"][name] for name in WORTH]))
    say("the mean is taken" if taken is mean else f"reader {[part is taken for part in parts].index(True)} is taken")
    unseen = plan.before | {id_: told for part in parts for id_, told in part["unseen"].items()}
    lessons = lessons_of(texts, plan)
    facts = {"rows": len(lessons.messages) + sum(len(texts.talks[i].rows) for i in lessons.talks)}
    facts |= {"epochs": plan.recipe.epochs, "readers": len(parts) if taken is mean else 1}
    return taken | facts | {"unseen": unseen, "talks": [part["talk"] for part in parts]}


def shown(figures: dict[str, float]) -> str:
    return "dev " + ", ".join(f"{name} {value:.4f}" for name, value in figures.items())


def on_dev(state: dict, texts: Shelf, plan: Plan) -> dict[str, float]:
    """Figures of messages and contacts, without grams and members."""
    reader = Reader(plan.config)
    reader.load_state_dict(state["reader"])
    over_turns = talk.TalkModel(reader)
    over_turns.load_state_dict(state["talk"])
    tokenizer = Tokenizer.from_file(str(plan.tokenizer))
    dev = lessons_of(texts, plan, "dev")
    rows, whole = [texts.messages[i] for i in dev.messages], [texts.talks[i] for i in dev.talks]
    reader = reader.to(plan.device)
    outputs = encode.predict(reader, [r.text for r in rows], tokenizer)
    critical = np.array([r.urgency for r in rows]) == 0
    of_messages = export.quality(outputs, rows, outputs["urgency"].argmax(1) == 0)
    urgency = outputs["urgency"]
    odds = urgency[:, 0] - np.logaddexp(urgency[:, 1], urgency[:, 2])
    of_turns = encode.predict(reader, [r.text for t in whole for r in t.rows], tokenizer)
    judged = talk.judge([over_turns.eval()], talk.seen_of(of_turns, (reader.centre.cpu(), reader.spread.cpu()), whole))
    of_talks = contacts.measure(judged, whole, *calibrate.calibrate_talks(judged, whole))
    return {
        "topic": of_messages["topic_macro_f1"],
        "class": of_messages["class_accuracy"],
        "sentiment": of_messages["sentiment_macro_f1"],
        "critical": float(average_precision_score(critical, odds)),
        "contact_topic": of_talks["topic_macro_f1"],
        "facts": of_talks["facts_micro_f1"],
        "facts_and_answers": of_talks["facts_and_answers_micro_f1"],
        "outcome": of_talks["outcome_accuracy"],
        "evidence_issue": of_talks["evidence_issue_f1"],
        "evidence_outcome": of_talks["evidence_outcome_f1"],
        "roles": of_talks["roles_macro_f1"],
    }
