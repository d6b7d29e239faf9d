"""Temperatures and thresholds, chosen on the dev split only."""
import collections

import numpy as np

import contacts
import dataset
from talks import PARTS, Talk

TEMPERATURES = np.exp(np.linspace(np.log(0.4), np.log(3.0), 60))
LOWEST_CRITICAL = 0.2  # the dev split has few critical messages; lower limits gave false alarms on whole contacts
# The second language shows in 21 % of the messages of mixed contacts and in 3 % of the others.
MIXED = 0.05
CRITICAL_PRECISION = 0.7  # the worst error is a missed critical message; this is what finding them may cost


def softmax(logits, temperature):
    z = logits / temperature
    z = np.exp(z - z.max(1, keepdims=True))
    return z / z.sum(1, keepdims=True)


def sigmoid(logits, temperature):
    return 1 / (1 + np.exp(-logits / temperature))


def temperature_of_classes(logits, labels) -> float:
    known = labels != dataset.UNKNOWN
    logits, labels = logits[known], labels[known]
    cost = [-np.log(softmax(logits, t)[np.arange(len(labels)), labels] + 1e-9).mean() for t in TEMPERATURES]
    return float(TEMPERATURES[int(np.argmin(cost))])


def temperature_of_topics(logits, targets) -> float:
    def cost(t):
        p = np.clip(sigmoid(logits, t), 1e-7, 1 - 1e-7)
        return -(targets * np.log(p) + (1 - targets) * np.log(1 - p)).mean()

    return float(TEMPERATURES[int(np.argmin([cost(t) for t in TEMPERATURES]))])


def topic_threshold(scores, targets) -> float:
    """The threshold of further topics with the best micro-F1; the best topic is always named."""
    best = scores == scores.max(1, keepdims=True)

    def f1(limit):
        named = best | (scores >= limit)
        hits = (named & (targets > 0)).sum()
        return 2 * hits / (named.sum() + targets.sum())

    limits = np.linspace(0.15, 0.8, 66)
    return float(limits[int(np.argmax([f1(limit) for limit in limits]))])


def abstain_threshold(scores, targets) -> float:
    """Where naming a topic is more often right than wrong: the limit with most right less wrong answers."""
    best = scores.argmax(1)
    right = targets[np.arange(len(best)), best] > 0
    limits = np.linspace(0.1, 0.6, 51)
    gain = [np.where(scores.max(1) >= limit, np.where(right, 1, -1), 0).sum() for limit in limits]
    return float(limits[int(np.argmax(gain))])


def critical_threshold(scores, labels) -> float:
    """The lowest limit that keeps the precision of `critical`: as many found as that allows."""
    critical = labels == dataset.URGENCIES.index("critical")
    chosen = 0.5
    for limit in np.linspace(0.5, LOWEST_CRITICAL, 31):
        found = scores >= limit
        if found.any() and (found & critical).sum() / found.sum() >= CRITICAL_PRECISION:
            chosen = float(limit)
    return chosen


def urgency_of(outputs, rows, temperatures):
    """Calibrated shares of the urgencies, each row with the temperature of its language."""
    return np.stack([softmax(z[None], temperatures["by_language"][language_of(r)]["urgency"])[0] for z, r in zip(outputs["urgency"], rows)])


def language_of(row) -> str:
    return dataset.LANGUAGES[row.language]


def temperatures_of(outputs: dict, rows) -> dict:
    """Temperatures of one set of rows."""
    known = lambda name: np.array([getattr(r, name) for r in rows])
    values = {n: temperature_of_classes(outputs[n], known(n)) for n in ("sentiment", "urgency")}
    return values | {"topics": temperature_of_topics(outputs["topics"], dataset.targets(rows))}


def calibrate(outputs: dict, rows) -> tuple[dict, dict]:
    """`(temperatures, thresholds)` from the dev rows' logits."""
    by_language = {}
    for number, name in enumerate(dataset.LANGUAGES):
        places = [i for i, r in enumerate(rows) if r.language == number]
        by_language[name] = temperatures_of(
            {n: outputs[n][places] for n in ("topics", "sentiment", "urgency")}, [rows[i] for i in places]
        )
    language = temperature_of_classes(outputs["language"], np.array([r.language for r in rows]))
    temperatures = {"language": language, "by_language": by_language}
    scores = np.stack([sigmoid(z, by_language[language_of(r)]["topics"]) for z, r in zip(outputs["topics"], rows)])
    targets = dataset.targets(rows)
    urgency = urgency_of(outputs, rows, temperatures)
    thresholds = {
        "topic": topic_threshold(scores, targets),
        "abstain": abstain_threshold(scores, targets),
        "critical": critical_threshold(urgency[:, 0], np.array([r.urgency for r in rows])),
        "mixed": MIXED,
    }
    return rounded(temperatures), rounded(thresholds)


def calibrate_talks(outputs: list[dict], talks: list[Talk]) -> tuple[dict, dict]:
    """`(temperatures, thresholds)` of whole talks and of what their turns do."""
    of_talks = lambda name: np.stack([out[name] for out in outputs])
    of_turns = lambda name: (np.concatenate([out[name] for out in outputs]), np.concatenate([getattr(t, name).numpy() for t in talks]))
    targets = dataset.many_hot([t.topics for t in talks], len(dataset.TOPICS))
    temperatures = {
        "topics": temperature_of_topics(of_talks("topics"), targets),
        "sentiment": temperature_of_classes(of_talks("sentiment"), np.array([t.sentiment for t in talks])),
        "roles": temperature_of_topics(*of_turns("roles")),
        "acts": temperature_of_topics(*of_turns("acts")),
        "outcome": temperature_of_classes(of_talks("outcome"), np.array([t.outcome for t in talks])),
    }
    roles, wanted_roles = of_turns("roles")
    wanted = [contacts.without_answers(collections.Counter(t.facts)) for t in talks]

    chances = [contacts.stated(sigmoid(out["acts"], temperatures["acts"])) for out in outputs]

    def of_facts(once, again):
        often = [contacts.times(c, {"act": once, "act_again": again}) for c in chances]
        return contacts.f1(zip(wanted, (collections.Counter({int(a): int(n[a]) for a in np.nonzero(n)[0]}) for n in often)))

    def of_evidence(part):
        return lambda limit: contacts.f1((contacts.rests_on(t, part), contacts.evidence(out, part, limit)) for t, out in zip(talks, outputs))

    again = best_limit(lambda limit: of_facts(0.45, limit))
    thresholds = {
        "topic": topic_threshold(sigmoid(of_talks("topics"), temperatures["topics"]), targets),
        "role": topic_threshold(sigmoid(roles, temperatures["roles"]), wanted_roles),
        "act": best_limit(lambda limit: of_facts(limit, again)),
        "act_again": again,
        "evidence": {name: best_limit(of_evidence(part)) for part, name in enumerate(PARTS)},
    }
    return rounded(temperatures), rounded(thresholds)


def best_limit(figure) -> float:
    """The middle of the limits whose figure, as a mean with that of its neighbours, is best: one limit alone is chance."""
    limits = np.linspace(0.1, 0.7, 61)
    figures = np.convolve([figure(limit) for limit in limits], np.ones(7) / 7, "valid")
    return float(limits[3 + int(np.argmax(figures))])


def rounded(values):
    return {k: rounded(v) for k, v in values.items()} if isinstance(values, dict) else round(values, 4)
