"""Temperatures and thresholds, chosen on the dev split only."""
import numpy as np

import dataset

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


def calibrate(outputs: dict, rows) -> tuple[dict, dict]:
    """`(temperatures, thresholds)` from the dev rows' logits."""
    labels = {n: np.array([getattr(r, n) for r in rows]) for n in ("sentiment", "urgency", "language")}
    targets = dataset.targets(rows)
    temperatures = {n: temperature_of_classes(outputs[n], labels[n]) for n in labels}
    temperatures["topics"] = temperature_of_topics(outputs["topics"], targets)
    scores = sigmoid(outputs["topics"], temperatures["topics"])
    urgency = softmax(outputs["urgency"], temperatures["urgency"])
    thresholds = {
        "topic": topic_threshold(scores, targets),
        "abstain": abstain_threshold(scores, targets),
        "critical": critical_threshold(urgency[:, dataset.URGENCIES.index("critical")], labels["urgency"]),
        "mixed": MIXED,
    }
    rounded = lambda values: {k: round(v, 4) for k, v in values.items()}
    return rounded(temperatures), rounded(thresholds)
