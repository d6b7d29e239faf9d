"""Our labelled contacts as whole talks: what their turns do, state and promise, how they end, and what that rests on."""
import dataclasses

import torch

import dataset

KINDS = dataset.TAXONOMY["fact_kinds"]
TYPES = dataset.TAXONOMY["fact_types"]
OUTCOMES = dataset.TAXONOMY["outcomes"]
PARTS = ["issue", "request", "actions", "promises", "outcome"]  # of a summary, each with its evidence
ANSWERS = [False, True, None]  # of a request or proposal: refused, taken, left open
ANSWERED = [KINDS.index(kind) for kind in ("request", "proposal")]


@dataclasses.dataclass
class Talk:
    id: str
    language: str
    split: str
    rows: list[dataset.Row]  # its turns
    customer: torch.Tensor  # [turns], 1 for the customer's
    roles: torch.Tensor  # [turns, roles], many-hot
    acts: torch.Tensor  # [turns, acts], many-hot
    answers: torch.Tensor  # [turns, acts], place in ANSWERS of what became of it, or UNKNOWN
    evidence: torch.Tensor  # [turns, parts], many-hot
    facts: list[tuple]  # (act, answer) of each fact
    topics: list[int]
    sentiment: int
    outcome: int


def acts(facts: dict[str, list[dict]]) -> list[tuple[str, str]]:
    """The pairs of kind and type that occur, in the taxonomy's order."""
    known = {(f["kind"], f["type"]) for of_talk in facts.values() for f in of_talk}
    return [(kind, what) for kind in KINDS for what in TYPES if (kind, what) in known]


FACTS = {r["id"]: r["facts"] for r in dataset.read("facts-*.jsonl")}
ACTS = acts(FACTS)


def talks() -> list[Talk]:
    of_turn = {r.id: r for r in dataset.turns()}
    rows = lambda raw: [of_turn[f"{raw['id']}#{i}"] for i in range(len(raw["turns"]))]
    return [talk(rows(raw), raw) for raw in dataset.read("dialogues-*.jsonl")]


def talk(rows: list[dataset.Row], raw: dict) -> Talk:
    facts = [(ACTS.index((f["kind"], f["type"])), ANSWERS.index(f["accepted"]), f["turn"]) for f in FACTS[raw["id"]]]
    stated, answers = torch.zeros(len(rows), len(ACTS)), torch.full((len(rows), len(ACTS)), dataset.UNKNOWN)
    for act, answer, turn in facts:
        stated[turn, act], answers[turn, act] = 1, answer
    evidence = torch.zeros(len(rows), len(PARTS))
    for number, part in enumerate(PARTS):
        evidence[raw["evidence"].get(part, []), number] = 1
    return Talk(
        id=raw["id"],
        language=raw["language"],
        split=rows[0].split,
        rows=rows,
        customer=torch.tensor([float(r.speaker == "customer") for r in rows]),
        roles=torch.from_numpy(dataset.many_hot([r.roles for r in rows], len(dataset.ROLES))),
        acts=stated,
        answers=answers,
        evidence=evidence,
        facts=[(act, answer) for act, answer, _ in facts],
        topics=[dataset.TOPICS.index(t) for t in raw["topics"]],
        sentiment=dataset.SENTIMENTS.index(raw["sentiment"]),
        outcome=OUTCOMES.index(raw["summary"]["outcome"]),
    )
