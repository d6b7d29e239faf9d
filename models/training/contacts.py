"""Figures of whole contacts: what was found in each against what is labelled."""
import collections

import numpy as np
from sklearn.metrics import f1_score

import dataset
from talks import ACTS, ANSWERED, KINDS, PARTS, Talk

ALWAYS = ("issue", "outcome")  # parts that every contact has: their likeliest turn is named even below the limit
ALL_ANSWERS = 1  # of an action or promise: it is taken
MOST = 60  # times that an act of one talk is named
FAINT = 0.1  # turns less likely than this take no part: thousands of them would add up to something


def sigmoid(logits):
    return 1 / (1 + np.exp(-logits))


def stated(likely: np.ndarray) -> np.ndarray:
    """`[MOST, acts]`: the chance that a talk states each act at least 1, 2, … times, by `likely` `[turns, acts]`.

    Turns are taken as independent (the Poisson binomial distribution)."""
    exactly = np.zeros((MOST + 1, likely.shape[1]))  # the last: so often or more
    exactly[0] = 1
    for turn in np.where(likely >= FAINT, likely, 0):
        most = exactly[MOST] * turn
        exactly[1:] = exactly[1:] * (1 - turn) + exactly[:-1] * turn
        exactly[0] *= 1 - turn
        exactly[MOST] += most
    return exactly[::-1].cumsum(0)[::-1][1:]


def times(chances: np.ndarray, limits: dict) -> np.ndarray:
    """How often each act is named, by what `stated` gives."""
    enough = np.concatenate([chances[:1] >= limits["act"], chances[1:] >= limits["act_again"]])
    return np.cumprod(enough, 0).sum(0)


def facts(out: dict, limits: dict, temperature: float = 1.0) -> collections.Counter:
    """How often each act is found in a talk, with what became of it."""
    likely = sigmoid(out["acts"] / temperature)
    often = times(stated(likely), limits)
    found = collections.Counter()
    for act in np.nonzero(often)[0]:
        kind = KINDS.index(ACTS[act][0])
        for turn in np.argsort(-likely[:, act], kind="stable")[: often[act]]:
            answer = int(out["answers"][turn, ANSWERED.index(kind)].argmax()) if kind in ANSWERED else ALL_ANSWERS
            found[int(act), answer] += 1
    return found


def without_answers(counts: collections.Counter) -> collections.Counter:
    out = collections.Counter()
    for (act, _), n in counts.items():
        out[act] += n
    return out


def f1(pairs) -> float:
    """Micro-F1 over `(wanted, found)` counts."""
    pairs = list(pairs)
    hits = sum((wanted & found).total() for wanted, found in pairs)
    return 2 * hits / max(1, sum(wanted.total() + found.total() for wanted, found in pairs))


def evidence(out: dict, part: int, limit: float) -> collections.Counter:
    """The turns that a part of the summary rests on."""
    scores = sigmoid(out["evidence"][:, part])
    if PARTS[part] in ALWAYS:
        limit = min(limit, scores.max())
    return collections.Counter(np.nonzero(scores >= limit)[0].tolist())


def rests_on(one: Talk, part: int) -> collections.Counter:
    return collections.Counter(one.evidence[:, part].nonzero()[:, 0].tolist())


def named(scores, limit: float):
    """Many-hot: the likeliest of each row, and all from the limit on."""
    return (scores >= limit) | (scores == scores.max(-1, keepdims=True))


def measure(outputs: list[dict], talks: list[Talk], temperatures: dict, limits: dict) -> dict:
    """Main topic, mood, end, roles of turns, facts (with answers as well) and evidence of one set of contacts."""
    macro = lambda wanted, found: f1_score(wanted, found, average="macro", labels=sorted(set(wanted)))
    best = lambda name: [int(out[name].argmax()) for out in outputs]
    found = [facts(out, limits, temperatures["acts"]) for out in outputs]
    wanted = [collections.Counter(t.facts) for t in talks]
    roles = np.concatenate([named(sigmoid(out["roles"] / temperatures["roles"]), limits["role"]) for out in outputs])
    values = {
        "topic_macro_f1": macro([t.topics[0] for t in talks], best("topics")),
        "sentiment_macro_f1": macro([t.sentiment for t in talks], best("sentiment")),
        "outcome_accuracy": np.mean([t.outcome == o for t, o in zip(talks, best("outcome"))]),
        "roles_macro_f1": f1_score(np.concatenate([t.roles.numpy() for t in talks]), roles, average="macro", zero_division=0),
        "facts_micro_f1": f1((without_answers(w), without_answers(f)) for w, f in zip(wanted, found)),
        "facts_and_answers_micro_f1": f1(zip(wanted, found)),
    }
    for number, part in enumerate(PARTS):
        limit = limits["evidence"][part]
        values[f"evidence_{part}_f1"] = f1((rests_on(t, number), evidence(out, number, limit)) for t, out in zip(talks, outputs))
    return {"n": len(talks)} | {k: round(float(v), 4) for k, v in values.items()}


def measure_parts(outputs: list[dict], talks: list[Talk], temperatures: dict, limits: dict) -> dict:
    """Figures of all, and of each language."""
    of = {name: [i for i, t in enumerate(talks) if t.language == name] for name in dataset.LANGUAGES}
    parts = {"all": range(len(talks))} | {name: places for name, places in of.items() if places}
    return {
        name: measure([outputs[i] for i in places], [talks[i] for i in places], temperatures, limits)
        for name, places in parts.items()
    }
