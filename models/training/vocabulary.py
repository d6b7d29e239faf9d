"""Cuts the 250,002 pieces of the tokenizer to those that ru, kk, uz (both scripts) and en need.

Kept: the special pieces, every piece written only in the Cyrillic letters of our languages, ASCII
pieces among the most frequent of the base vocabulary or used by our data, pieces of digits,
punctuation, currency and emoji, and every single Latin, Cyrillic or Greek letter. A unigram
tokenizer reads a word whose piece is gone in smaller pieces, so a cut costs length, never sense.
"""
import collections
import json
import pathlib
import unicodedata

import numpy as np
from tokenizers import Tokenizer

SPECIAL = 4  # <s>, <pad>, </s>, <unk> come first
CYRILLIC = set("абвгдеёжзийклмнопрстуфхцчшщъыьэюяәғқңөұүһіўҳ")
FREQUENT_LATIN = 50_000  # pieces are ordered by frequency in the base vocabulary
APOSTROPHES = "ʻʼ‘’`´′"  # all that people type in Uzbek words; one form is read


def keep(pieces: list[str], used: set[int]) -> list[int]:
    """Ids of the pieces to keep, ascending, so that the special ones stay where they are."""
    return [
        number
        for number, piece in enumerate(pieces)
        if number < SPECIAL or number in used or is_ours(number, piece.replace("▁", "").lower())
    ]


def is_ours(number: int, piece: str) -> bool:
    letters = [c for c in piece if c.isalpha()]
    if not piece:
        return True
    if not letters:
        return all(is_symbol(c) for c in piece)
    if len(piece) == 1:
        return unicodedata.name(piece, "").startswith(("LATIN", "CYRILLIC", "GREEK"))
    if all(c in CYRILLIC for c in letters):
        return True
    return all(c.isascii() for c in letters) and number < FREQUENT_LATIN


def is_symbol(c: str) -> bool:
    """Digits, punctuation, currency, emoji, accents; not the digits and marks of other scripts."""
    return c.isascii() or "\u0300" <= c <= "\u036f" or unicodedata.category(c) in ("Sc", "So", "Sm", "Sk", "Pd", "Ps", "Pe", "Pi", "Pf", "Po")


def cut(source: pathlib.Path, target: pathlib.Path, texts: list[str]) -> np.ndarray:
    """Writes the cut tokenizer to `target`; returns the kept ids of the base vocabulary in their new order."""
    whole = Tokenizer.from_file(str(source))
    used = {i for e in whole.encode_batch(texts + [apostrophes(t) for t in texts]) for i in e.ids}
    spec = json.loads(source.read_text(encoding="utf-8"))
    vocabulary = spec["model"]["vocab"]
    # <mask> is of no use to a reader; it is the last piece of the base vocabulary.
    kept = keep([piece for piece, _ in vocabulary[:-1]], used - {len(vocabulary) - 1})
    spec["model"]["vocab"] = [[vocabulary[i][0], round(vocabulary[i][1], 4)] for i in kept]
    spec["added_tokens"] = spec["added_tokens"][:SPECIAL]
    spec["normalizer"]["normalizers"][:0] = [
        {"type": "Replace", "pattern": {"String": c}, "content": "'"} for c in APOSTROPHES
    ]
    target.write_text(json.dumps(spec, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
    return np.array(kept)


def apostrophes(text: str) -> str:
    return text.translate({ord(c): "'" for c in APOSTROPHES})


def unknown_share(tokenizer: pathlib.Path, texts: list[str]) -> tuple[float, float]:
    """Share of unknown tokens and mean tokens a text."""
    counts = collections.Counter()
    for encoding in Tokenizer.from_file(str(tokenizer)).encode_batch(texts, add_special_tokens=False):
        counts["all"] += len(encoding.ids)
        counts["unknown"] += sum(i == 3 for i in encoding.ids)
    return counts["unknown"] / max(counts["all"], 1), counts["all"] / max(len(texts), 1)
