#!/usr/bin/env python3
"""Fits what a piece of a talk is worth quoting: the weights in models/src/summary/pieces.rs.

A piece is worth the share of its letters that the annotated summary takes over, words compared by their first five
letters. Ridge regression over what the annotation says of its turn and of the piece itself, weighed by length.

usage: pieces.py   prints each weight, and how much of the held-back pieces' spread the model explains
"""
import re
import tomllib

import numpy as np
from sklearn.linear_model import Ridge

import dataset

PHRASES = dataset.MODELS / "src" / "summary" / "phrases"
LONGEST, SHORTEST = 14, 6
EVIDENCE = ("issue", "request", "actions", "promises", "outcome")
KINDS = ("request", "proposal", "action", "promise")
NAMES = [
    *(f"evidence {part}" for part in EVIDENCE), *(f"states a {kind}" for kind in KINDS), "offer refused", *dataset.ENTITIES,
    "runs of digits", "first piece", "length", "customer asks", "operator asks", "place of turn", "first turn", "customer", "under three words",
]


def words_of(name: str) -> set[str]:
    return {w for path in sorted(PHRASES.glob("*.toml")) for w in tomllib.loads(path.read_text(encoding="utf-8"))[name]}


JOINTS, POLITE, BEHIND = words_of("joints"), words_of("polite"), words_of("behind")


def main() -> None:
    facts = {row["id"]: row["facts"] for row in dataset.read("facts-*.jsonl")}
    parts = {"train": ([], [], []), "held": ([], [], [])}
    for talk in dataset.read("dialogues-*.jsonl"):
        told = {stem(word) for word in talk["summary"]["text"].split()}
        part = parts["train" if dataset.split_of(talk["id"]) == "train" else "held"]
        for text, features in pieces(talk, facts.get(talk["id"], [])):
            stems = [s for s in map(stem, text.split()) if s]
            part[0].append(features)
            part[1].append(sum(len(s) for s in stems if s in told) / max(1, sum(map(len, stems))))
            part[2].append(len(text))
    model = Ridge(5).fit(*map(np.array, parts["train"][:2]), sample_weight=parts["train"][2])
    print(f"constant: {model.intercept_:.3f}")
    for name, weight in zip(NAMES, model.coef_):
        print(f"{name}: {weight:.3f}")
    explained = model.score(*map(np.array, parts["held"][:2]), sample_weight=parts["held"][2])
    print(f"{len(parts['train'][1])} pieces; of {len(parts['held'][1])} held back {explained:.1%} of the spread explained")


def pieces(talk: dict, facts: list[dict]):
    """The pieces of a talk with their features, as `worth` in pieces.rs takes them."""
    for number, turn in enumerate(talk["turns"]):
        stated = [fact for fact in facts if fact["turn"] == number]
        refused = any(fact["kind"] == "proposal" and fact["accepted"] is False for fact in stated)
        named = [e for e in talk["entities"] if e["turn"] == number]
        for place, whole in enumerate(cut(turn["text"])):
            text = core(whole)
            if len(text) < 3:
                continue
            yield text, [
                *(float(number in talk["evidence"][part]) for part in EVIDENCE),
                *(float(any(fact["kind"] == kind for fact in stated)) for kind in KINDS),
                float(refused),
                *(float(sum(e["type"] == kind and e["text"] in text for e in named)) for kind in dataset.ENTITIES),
                float(min(3, len(re.findall(r"[0-9]+", text)))),
                float(place == 0),
                min(len(text), 100) / 100,
                float(whole.endswith("?") and turn["speaker"] == "customer"),
                float(whole.endswith("?") and turn["speaker"] == "operator"),
                number / len(talk["turns"]),
                float(number == 0),
                float(turn["speaker"] == "customer"),
                float(len(text.split()) < 3),
            ]


def stem(word: str) -> str:
    return re.sub(r"\W|_", "", word).lower()[:5]


def cut(text: str) -> list[str]:
    sentences = re.split(r"(?<=[.!?;…])(?=\s)|(?<=\n)", text)
    return [clause for sentence in sentences if sentence.strip() for clause in clauses(sentence.strip())]


def clauses(sentence: str) -> list[str]:
    words = sentence.split()
    if len(words) <= LONGEST:
        return [sentence]
    has_commas = ", " in sentence
    out, start = [], 0
    for at in range(1, len(words)):
        size = at - start
        to_comma = next((n + 1 for n, w in enumerate(words[at:]) if w.endswith(",")), len(words) - at)
        comma = words[at - 1].endswith(",") and size >= 3 and size + to_comma > LONGEST
        joint = not has_commas and words[at].lower() in JOINTS and size >= SHORTEST
        if comma or joint or size >= 2 * LONGEST:
            out.append(" ".join(words[start:at]))
            start = at
    return [*out, " ".join(words[start:])]


def core(piece: str) -> str:
    words, behind = piece.strip(" \n\t,.!;:-—").split(), False
    while words:
        bare = re.sub(r"^\W+|\W+$", "", words[0]).lower()
        if bare and bare not in POLITE and not (behind and bare in BEHIND):
            break
        words, behind = words[1:], True
    return " ".join(words)


if __name__ == "__main__":
    main()
