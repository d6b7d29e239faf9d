"""Our labelled talks as training rows, and the split by contact and situation.

The split rule is committed, not drawn: rows that tell the same situation in nearly the same words
form one group, a contact is one group, and the hash of the group's first id says where it goes.
A new row therefore never moves an old one, as long as it does not join two groups.

usage: dataset.py dev|test [talks|summaries]   writes the messages, the talks, or the talks and their facts of a split as
they stand in the data, for `okno models evaluate`
"""
import dataclasses
import hashlib
import json
import pathlib
import re
import sys
import tomllib

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.neighbors import radius_neighbors_graph
from scipy.sparse.csgraph import connected_components

MODELS = pathlib.Path(__file__).resolve().parent.parent
DATA = MODELS / "data"
TAXONOMY = tomllib.loads((MODELS / "taxonomy.toml").read_text(encoding="utf-8"))
TOPICS = [t["id"] for t in TAXONOMY["topic"]]
SENTIMENTS = TAXONOMY["sentiments"]
URGENCIES = TAXONOMY["urgencies"]
LANGUAGES = TAXONOMY["languages"]
ROLES = TAXONOMY["turn_roles"]
ENTITIES = TAXONOMY["entity_types"]
CLASSES = list(dict.fromkeys(t.split(".")[0] for t in TOPICS))
NEARLY_THE_SAME = 0.75  # cosine of character 4-grams
UNKNOWN = -1  # this label is not known for the row: it takes no part in the loss


@dataclasses.dataclass
class Row:
    id: str
    split: str
    text: str
    language: int = UNKNOWN
    style: str = ""
    topics: list[int] = dataclasses.field(default_factory=list)  # none: not known
    sentiment: int = UNKNOWN
    urgency: int = UNKNOWN
    roles: list[int] = dataclasses.field(default_factory=list)  # none: not known
    entities: list[tuple[int, int, int]] | None = None  # (type, start, end) in characters; None: not known
    speaker: str = "customer"


def split_of(group: str) -> str:
    """80 % train, 10 % dev, 10 % test, by the first byte pair of the id's sha256."""
    place = int(hashlib.sha256(group.encode()).hexdigest()[:4], 16) / 65536
    return "train" if place < 0.8 else "dev" if place < 0.9 else "test"


def read(pattern: str) -> list[dict]:
    files = sorted(DATA.glob(pattern))
    return [json.loads(line) for f in files for line in f.open(encoding="utf-8") if line.strip()]


def groups(rows: list[dict]) -> list[str]:
    """For each message the id of the first message that tells the same situation."""
    grams = TfidfVectorizer(analyzer="char_wb", ngram_range=(4, 4), sublinear_tf=True).fit_transform(
        [r["text"] for r in rows]
    )
    near = radius_neighbors_graph(grams, 1 - NEARLY_THE_SAME, metric="cosine", include_self=True)
    _, labels = connected_components(near, directed=False)
    first = {}
    for row, label in zip(rows, labels):
        first.setdefault(label, row["id"])
    return [first[label] for label in labels]


def messages() -> list[Row]:
    rows = read("utterances-*.jsonl")
    return [
        Row(
            id=r["id"],
            split=split_of(group),
            text=r["text"],
            language=LANGUAGES.index(r["language"]),
            style=r["style"],
            topics=[TOPICS.index(t) for t in r["topics"]],
            sentiment=SENTIMENTS.index(r["sentiment"]),
            urgency=URGENCIES.index(r["urgency"]),
            entities=places(r["text"], r["entities"]),
        )
        for r, group in zip(rows, groups(rows))
    ]


def places(text: str, entities: list[dict]) -> list[tuple[int, int, int]]:
    """Where the listed spans stand: longer before shorter, each letter taken once; a span that repeats is listed
    once and marked everywhere it is a word of its own."""
    taken = [False] * len(text)
    out = []
    for entity in sorted(entities, key=lambda e: -len(e["text"])):
        size = len(entity["text"])
        free = [m.start() for m in re.finditer(re.escape(entity["text"]), text) if not any(taken[m.start() : m.start() + size])]
        whole = [a for a in free if not text[a - 1 : a].isalnum() and not text[a + size : a + size + 1].isalnum()]
        begun = [a for a in free if not text[a - 1 : a].isalnum()]
        for start in whole or begun[:1] or free[:1]:
            taken[start : start + size] = [True] * size
            out.append((ENTITIES.index(entity["type"]), start, start + size))
    return sorted(out, key=lambda e: e[1])


def turns() -> list[Row]:
    """Turns of whole contacts with their roles: the customer's that state a matter carry its topics.

    Sentiment and urgency are labelled for the contact, not for a turn, so they stay unknown here.
    """
    issues = {r["id"]: r["issues"] for r in read("facts-*.jsonl")}
    rows = []
    for talk in read("dialogues-*.jsonl"):
        mixed = talk["id"].startswith("d-mix")
        for number, turn in enumerate(talk["turns"]):
            stated = [i["topic"] for i in issues.get(talk["id"], []) if number in i["turns"]]
            customer = turn["speaker"] == "customer"
            rows.append(
                Row(
                    id=f"{talk['id']}#{number}",
                    split=split_of(talk["id"]),
                    text=turn["text"],
                    language=UNKNOWN if mixed else LANGUAGES.index(talk["language"]),
                    topics=[TOPICS.index(t) for t in dict.fromkeys(stated)] if customer and "issue" in turn["roles"] else [],
                    roles=[ROLES.index(r) for r in turn["roles"]],
                    entities=places(turn["text"], [e for e in talk["entities"] if e["turn"] == number]),
                    speaker=turn["speaker"],
                )
            )
    return rows


def all_texts() -> list[str]:
    talks = [t["text"] for d in read("dialogues-*.jsonl") for t in d["turns"]]
    return [r["text"] for r in read("utterances-*.jsonl")] + talks


def data_hash() -> str:
    """sha256 over the data files in name order: says which data a model was made from."""
    digest = hashlib.sha256()
    for path in sorted(DATA.glob("*.jsonl")):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def many_hot(rows: list[list[int]], size: int) -> np.ndarray:
    """One row of `size` for each list of labels."""
    out = np.zeros((len(rows), size), np.float32)
    for row, labels in zip(out, rows):
        row[labels] = 1
    return out


def targets(rows: list[Row]) -> np.ndarray:
    """Many-hot topics, one row a message."""
    return many_hot([r.topics for r in rows], len(TOPICS))


if __name__ == "__main__":
    split, kind = sys.argv[1], (sys.argv[2:] or ["messages"])[0]
    files = {"messages": ["utterances-*"], "talks": ["dialogues-*"], "summaries": ["dialogues-*", "facts-*"]}[kind]
    wanted = {row.id for row in messages() if row.split == split} if kind == "messages" else set()
    for row in (row for pattern in files for row in read(f"{pattern}.jsonl")):
        if row["id"] in wanted or (kind != "messages" and split_of(row["id"]) == split):
            print(json.dumps(row, ensure_ascii=False))
