"""Entities as tags of tokens (B-, I-, O) and back; `models/src/entities/tags.rs` decodes the same way."""
import numpy as np

import dataset
from vocabulary import APOSTROPHES

TAGS = ["O"] + [f"{place}-{kind}" for kind in dataset.ENTITIES for place in ("B", "I")]
EDGES = " \t\n.,;:!?()[]«»\"“”…"  # a piece may hold them behind a number or before a word


def tags(offsets: list[tuple[int, int]], text: str, entities: list[tuple[int, int, int]]) -> list[int]:
    """The tag of each token; `offsets` in characters of `text`, `entities` as (kind, start, end)."""
    out = [0] * len(offsets)
    for kind, start, end in entities:
        first = True
        for place, (a, b) in enumerate(offsets):
            while a < b and text[a].isspace():
                a += 1
            if a < b and a < end and b > start:
                out[place] = 1 + 2 * kind + (0 if first else 1)
                first = False
    return out


def allowed() -> np.ndarray:
    """`allowed()[before, after]`: an inside tag follows only its own begin or inside."""
    size = len(TAGS)
    out = np.ones((size, size), bool)
    for after in range(2, size, 2):
        out[:, after] = False
        out[[after - 1, after], after] = True
    return out


ALLOWED = allowed()


def decode(logits: np.ndarray, offsets: list[tuple[int, int]], text: str) -> list[tuple[int, int, int]]:
    """The likeliest allowed sequence of tags (Viterbi) as (kind, start, end), outer punctuation off, in whole words."""
    score = logits - np.log(np.exp(logits - logits.max(1, keepdims=True)).sum(1, keepdims=True)) - logits.max(1, keepdims=True)
    best = np.where(np.arange(len(TAGS)) % 2 == 0, -np.inf, score[0])
    best[0] = score[0, 0]
    back = []
    for row in score[1:]:
        ways = np.where(ALLOWED, best[:, None], -np.inf)
        back.append(ways.argmax(0))
        best = ways.max(0) + row
    path = [int(best.argmax())]
    for step in reversed(back):
        path.append(int(step[path[-1]]))
    path.reverse()
    found, open_kind = [], None
    for tag, (a, b) in zip(path, offsets):
        if tag and tag % 2 == 1 and b > a:
            found.append([(tag - 1) // 2, a, b])
        elif tag and b > a and found:
            found[-1][2] = b
    return whole([(kind, *trim(text, a, b)) for kind, a, b in found], text)


def whole(found, text: str) -> list[tuple[int, int, int]]:
    """Spans widened to whole words; neighbours of one kind with nothing but space between are one."""
    out: list[list[int]] = []
    for kind, a, b in found:
        if a >= b:
            continue
        while a > 0 and in_word(text[a - 1]) and in_word(text[a]):
            a -= 1
        while b < len(text) and in_word(text[b]) and in_word(text[b - 1]):
            b += 1
        if out and out[-1][0] == kind and not text[out[-1][2] : a].strip():
            out[-1][2] = max(b, out[-1][2])
        elif not out or a >= out[-1][2]:
            out.append([kind, a, b])
    return [tuple(span) for span in out]


def in_word(c: str) -> bool:
    return c.isalnum() or c == "'" or c in APOSTROPHES or "\u0300" <= c <= "\u036f"


def trim(text: str, a: int, b: int) -> tuple[int, int]:
    """Takes punctuation and space off both ends; a quote or bracket stays whose partner is inside."""
    while a < b:
        if text[a] in EDGES and not closed_inside(text[a], text[a + 1 : b]):
            a += 1
        elif text[b - 1] in EDGES and not opened_inside(text[b - 1], text[a : b - 1]):
            b -= 1
        else:
            return a, b
    return a, b


PAIRS = {"«": "»", "(": ")", "“": "”", '"': '"', "[": "]"}


def closed_inside(opening: str, rest: str) -> bool:
    return opening in PAIRS and PAIRS[opening] in rest


def opened_inside(closing: str, rest: str) -> bool:
    return any(c == closing and o in rest for o, c in PAIRS.items())
