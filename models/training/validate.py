#!/usr/bin/env python3
"""Checks models/data against the taxonomy and the annotation rules; a line per fault, exit 1 if there is any.

usage: validate.py [FILE.jsonl ...]   (all of models/data otherwise)
"""
import collections
import json
import pathlib
import re
import sys

import dataset

LISTS = {"language": dataset.LANGUAGES, "sentiment": dataset.SENTIMENTS, "urgency": dataset.URGENCIES}
STYLES = ("chat", "asr", "formal")


def of_row(row: dict):
    for key, allowed in LISTS.items():
        if row.get(key) not in allowed:
            yield f"{key} is {row.get(key)!r}"
    topics = row.get("topics") or []
    if not topics or len(topics) != len(set(topics)) or any(t not in dataset.TOPICS for t in topics):
        yield f"topics are {topics!r}"


def of_entity(entity: dict, text: str | None):
    if entity.get("type") not in dataset.TAXONOMY["entity_types"]:
        yield f"entity type {entity.get('type')!r}"
    if text is None or not entity.get("text") or entity["text"] not in text:
        yield f"entity {entity.get('text')!r} does not stand in its text"


def of_message(row: dict):
    yield from of_row(row)
    if row.get("style") not in STYLES:
        yield f"style is {row.get('style')!r}"
    if not row.get("text", "").strip():
        yield "no text"
    for entity in row.get("entities", []):
        yield from of_entity(entity, row.get("text"))


def of_dialogue(row: dict):
    yield from of_row(row)
    turns = row["turns"]
    if row.get("channel") not in dataset.TAXONOMY["channels"]:
        yield f"channel is {row.get('channel')!r}"
    for number, turn in enumerate(turns):
        roles = turn.get("roles") or []
        if turn.get("speaker") not in ("customer", "operator") or not turn.get("text", "").strip():
            yield f"turn {number} lacks its speaker or text"
        if not roles or any(r not in dataset.TAXONOMY["turn_roles"] for r in roles):
            yield f"turn {number} has the roles {roles!r}"
    for entity in row.get("entities", []):
        at = entity.get("turn", -1)
        yield from of_entity(entity, turns[at]["text"] if 0 <= at < len(turns) else None)
    summary = row.get("summary") or {}
    if summary.get("outcome") not in dataset.TAXONOMY["outcomes"]:
        yield f"outcome is {summary.get('outcome')!r}"
    if any(not summary.get(part) for part in ("issue", "request", "text")):
        yield "the summary lacks a part"
    if any(re.search(r"\{\w+:", str(part)) for part in summary.values()):
        yield "the summary holds markup"
    evidence = row.get("evidence") or {}
    if not evidence.get("issue") or any(not 0 <= i < len(turns) for places in evidence.values() for i in places):
        yield "evidence names no turn"


def of_facts(row: dict, talks: dict):
    talk = talks.get(row["id"])
    if talk is None:
        yield "there is no such dialogue"
        return
    texts = [t["text"] for t in talk["turns"]]
    for issue in row["issues"]:
        if issue["topic"] not in talk["topics"] or any(not 0 <= i < len(texts) for i in issue["turns"]):
            yield f"issue {issue['topic']!r} is not of this dialogue"
    for fact in row["facts"]:
        if fact["kind"] not in dataset.TAXONOMY["fact_kinds"] or fact["type"] not in dataset.TAXONOMY["fact_types"]:
            yield f"fact {fact['kind']!r} {fact['type']!r}"
        for key in ("amount", "due", "code"):
            if fact.get(key) is not None and not any(fact[key] in t for t in texts):
                yield f"{key} {fact[key]!r} stands in no turn"


def main(paths: list[pathlib.Path]) -> int:
    talks = {r["id"]: r for r in dataset.read("dialogues-*.jsonl")}
    seen: dict[str, str] = {}
    count, faulty = collections.Counter(), 0
    for path in paths:
        for number, line in enumerate(path.open(encoding="utf-8"), 1):
            try:
                row = json.loads(line)
                if "facts" in row:
                    faults = list(of_facts(row, talks))
                else:
                    faults = list(of_dialogue(row) if "turns" in row else of_message(row))
                    key = row.get("text") or json.dumps(row["turns"], ensure_ascii=False)
                    if key in seen:
                        faults.append(f"the same text as {seen[key]}")
                    seen[key] = row["id"]
            except (ValueError, KeyError, TypeError) as error:
                faults, row = [f"not in the format: {error!r}"], {}
            for fault in faults:
                print(f"{path.name}:{number}: {row.get('id')}: {fault}")
            faulty += bool(faults)
            count[path.name.split("-")[0]] += 1
    print(f"{dict(count)}, {faulty} faulty")
    return 1 if faulty else 0


if __name__ == "__main__":
    sys.exit(main([pathlib.Path(p) for p in sys.argv[1:]] or sorted(dataset.DATA.glob("*.jsonl"))))
