"""Grams of letters and words with logistic regression: a second opinion beside the encoder's, and a reference by itself.

The encoder knows what words mean, the grams remember how customers put things; together they are right more often than
either. Their logits, less the log-odds of the label's share, are added to the encoder's (a product of experts: Hinton,
2002, with the prior counted once).
"""
import collections
import functools
import math

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, f1_score

import dataset

BUCKETS = 1 << 16
HEADS = {"topics": dataset.TOPICS, "sentiment": dataset.SENTIMENTS, "urgency": dataset.URGENCIES}
STRENGTH = 10.0  # inverse of the regularisation
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
ZERO = 128  # bytes are unsigned: value = (byte - ZERO) * scale of the label


def grams(text: str):
    """Grams of two to five letters within each word and its borders, the words, and pairs of words."""
    words = text.lower().split()
    for word in words:
        letters = f" {word} "
        for length in range(2, 6):
            for start in range(len(letters) - length + 1):
                yield letters[start : start + length]
        yield "w" + word
    for first, second in zip(words, words[1:]):
        yield f"w{first} {second}"


@functools.lru_cache(1 << 20)
def bucket(gram: str) -> int:
    """FNV-1a of 32 bits (Fowler, Noll, Vo)."""
    value = 0x811C9DC5
    for byte in gram.encode():
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return value % BUCKETS


def counted(texts) -> list[collections.Counter]:
    return [collections.Counter(bucket(g) for g in grams(t)) for t in texts]


def matrix(counts, rarity: np.ndarray) -> csr_matrix:
    """Rows of unit length: (1 + ln of how often) times how rare."""
    places, values, ends = [], [], [0]
    for count in counts:
        weight = np.array([(1 + math.log(n)) * rarity[b] for b, n in count.items()])
        places += count.keys()
        values += list(weight / max(np.linalg.norm(weight), np.finfo(np.float32).tiny))
        ends.append(len(places))
    return csr_matrix((values, places, ends), shape=(len(counts), BUCKETS), dtype=np.float32)


def fit(rows, alone: bool = False) -> dict[str, np.ndarray]:
    """Stored tensors from the training rows: `weight` [buckets, labels of all heads] in bytes, a scale for each label.

    `alone`: they judge by themselves, so the share of each label counts too."""
    counts = counted(r.text for r in rows)
    seen = np.zeros(BUCKETS)
    for count in counts:
        seen[list(count)] += 1
    rarity = (np.log((1 + len(rows)) / (1 + seen)) + 1).astype(np.float32)
    x = matrix(counts, rarity)
    weight, bias, prior = [], [], []
    for head, labels in HEADS.items():
        wanted = dataset.targets(rows) if head == "topics" else np.eye(len(labels))[[getattr(r, head) for r in rows]]
        for column in wanted.T:
            model = LogisticRegression(C=STRENGTH, solver="liblinear").fit(x, column)
            weight.append(model.coef_[0])
            bias.append(model.intercept_[0])
            prior.append(math.log(column.mean() / (1 - column.mean())))
    weight = np.array(weight)
    scale = np.abs(weight).max(1) / 127
    return {
        "rarity": rarity,
        "weight": np.ascontiguousarray((np.round(weight / scale[:, None]) + ZERO).astype(np.uint8).T),
        "scale": scale.astype(np.float32),
        "bias": (np.array(bias) - (0.0 if alone else np.array(prior))).astype(np.float32),
    }


def scores(stored: dict[str, np.ndarray], texts) -> dict[str, np.ndarray]:
    """What the grams add to the logits of each head."""
    x = matrix(counted(texts), stored["rarity"])
    values = x @ ((stored["weight"].astype(np.float32) - ZERO) * stored["scale"]) + stored["bias"]
    ends = np.cumsum([len(labels) for labels in HEADS.values()])
    return dict(zip(HEADS, np.split(values.astype(np.float32), ends[:-1], axis=1)))


def weigh(stored: dict[str, np.ndarray], outputs: dict[str, np.ndarray], rows) -> dict[str, float]:
    """Chooses on dev rows how much of each head's grams is added to the encoder's `outputs`, and keeps that share in
    `stored`: with it the main topic, the sentiment and the critical messages are found best."""
    added = scores(stored, [r.text for r in rows])
    wanted = {h: np.array([r.topics[0] if h == "topics" else getattr(r, h) for r in rows]) for h in HEADS}

    def worth(head, share):
        logits = outputs[head] + share * added[head]
        if head == "urgency":
            odds = logits[:, 0] - np.logaddexp(logits[:, 1], logits[:, 2])
            return average_precision_score(wanted[head] == 0, odds)
        return f1_score(wanted[head], logits.argmax(1), average="macro")

    shares = {head: max(SHARES, key=lambda s: worth(head, s)) for head in HEADS}
    by_label = np.repeat([shares[h] for h in HEADS], [len(labels) for labels in HEADS.values()]).astype(np.float32)
    stored["scale"], stored["bias"] = stored["scale"] * by_label, stored["bias"] * by_label
    return shares


def join(outputs: dict, stored: dict[str, np.ndarray], texts) -> dict:
    """The encoder's outputs with what the grams add."""
    return outputs | {head: outputs[head] + values for head, values in scores(stored, texts).items()}
