"""All texts of the training as tokens with their labels, made once and kept where the model lies, so that a step costs the
processor nothing but the choice of its rows.

Each text stands there as it is and in some variants (`augment.py`), all of one seed.
"""
import concurrent.futures
import dataclasses
import functools
import multiprocessing
import pathlib
import random

import numpy as np
import torch
from tokenizers import Tokenizer

import dataset
import encode
import spans
from augment import augment
from talks import Talk, talks

VARIANTS = 5  # of a text; the first is the text as it is
AT_ONCE = 500  # rows that a process turns into tokens together
SIZES = 8  # a batch is as wide as its longest text, rounded up to a multiple of this: matrix units like it


@dataclasses.dataclass
class Shelf:
    messages: list[dataset.Row]
    talks: list[Talk]
    tokens: torch.Tensor  # of all texts: the variants of the messages, then those of the turns of all talks
    tags: torch.Tensor  # of each token, or UNKNOWN
    lengths: torch.Tensor  # [rows, variants], in tokens; stays on the processor
    labels: dict[str, torch.Tensor]  # a row each

    def to(self, device: torch.device) -> "Shelf":
        labels = {name: values.to(device) for name, values in self.labels.items()}
        return dataclasses.replace(self, tokens=self.tokens.to(device), tags=self.tags.to(device), labels=labels)

    @functools.cached_property
    def first_turns(self) -> list[int]:
        """The row of each talk's first turn."""
        return (len(self.messages) + np.cumsum([0] + [len(t.rows) for t in self.talks])).tolist()

    @functools.cached_property
    def starts(self) -> torch.Tensor:
        """`[rows, variants]`: the place of each text's first token."""
        return (self.lengths.flatten().cumsum(0) - self.lengths.flatten()).view_as(self.lengths)

    def batch(self, rows: list[int], chance: random.Random) -> dict[str, torch.Tensor]:
        """Tokens, mask, tags and labels of rows, each in one of its variants."""
        device = self.tokens.device
        rows, variants = torch.tensor(rows), torch.tensor([chance.randrange(VARIANTS) for _ in rows])
        lengths, starts = self.lengths[rows, variants], self.starts[rows, variants]
        longest = -(-int(lengths.max()) // SIZES) * SIZES
        rows, lengths, starts = (x.to(device, non_blocking=True) for x in (rows, lengths, starts))
        places = torch.arange(longest, device=device)
        mask = places < lengths[:, None]
        at = (starts[:, None] + places).clamp(max=len(self.tokens) - 1)
        out = {name: values[rows] for name, values in self.labels.items()}
        out["ids"] = torch.where(mask, self.tokens[at], encode.PAD).long()
        out["spans"] = torch.where(mask, self.tags[at], dataset.UNKNOWN).long()
        return out | {"mask": mask}


def of_data(tokenizer: pathlib.Path, work: pathlib.Path, seed: int, threads: int) -> Shelf:
    """The shelf of what is trained on and of dev, made by so many processes; kept in `work` for this data and seed."""
    kept, made_of = work / "shelf.pt", f"{dataset.data_hash()} {seed} {VARIANTS}"
    if kept.exists():
        known, shelf = torch.load(kept, weights_only=False)
        if known == made_of:
            return shelf
    of = lambda rows: [r for r in rows if r.split != "test"]
    shelf = filled(of(dataset.messages()), of(talks()), tokenizer, seed, threads)
    torch.save((made_of, shelf), kept)
    return shelf


def filled(messages: list[dataset.Row], whole: list[Talk], tokenizer: pathlib.Path, seed: int, threads: int) -> Shelf:
    """`tokenizer`: its file."""
    rows = messages + [r for t in whole for r in t.rows]
    parts = [rows[i : i + AT_ONCE] for i in range(0, len(rows), AT_ONCE)]
    kind = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(threads, kind, taken_in, (str(tokenizer),)) as pool:
        made = [text for part in pool.map(functools.partial(variants, seed=seed), parts) for text in part]
    tokens, tags = ([text[part] for row in made for text in row] for part in (0, 1))
    known = lambda name: torch.tensor([getattr(r, name) for r in rows])
    return Shelf(
        messages=messages,
        talks=whole,
        tokens=torch.from_numpy(np.concatenate(tokens)),
        tags=torch.from_numpy(np.concatenate(tags)),
        lengths=torch.tensor([[len(ids) for ids, _ in row] for row in made]),
        labels={name: known(name) for name in ("sentiment", "urgency", "language")}
        | {
            "topics": torch.from_numpy(dataset.targets(rows)),
            "main": torch.tensor([r.topics[0] if r.topics else 0 for r in rows]),
            "roles": torch.from_numpy(dataset.many_hot([r.roles for r in rows], len(dataset.ROLES))),
        },
    )


def taken_in(tokenizer: str) -> None:
    """Begins a process that makes tokens."""
    global TOKENIZER
    TOKENIZER = Tokenizer.from_file(tokenizer)


def variants(rows: list[dataset.Row], seed: int) -> list[list[tuple[np.ndarray, np.ndarray]]]:
    """Tokens and tags of each row's variants."""
    out = []
    for row in rows:
        shown, chance = [(row.text, row.entities)], random.Random(f"{seed}/{row.id}")
        language = dataset.LANGUAGES[row.language] if row.language >= 0 else ""
        shown += [augment(row.text, row.entities, language, row.style, chance) for _ in range(VARIANTS - 1)]
        out.append([as_tokens(text, entities) for text, entities in shown])
    return out


def as_tokens(text: str, entities: list[tuple[int, int, int]] | None) -> tuple[np.ndarray, np.ndarray]:
    """Tokens and their tags; all UNKNOWN where the entities are."""
    ids, places = encode.tokens_of(TOKENIZER.encode(encode.PREFIX + text))
    tags = [dataset.UNKNOWN] * len(ids) if entities is None else spans.tags(places, text, entities)
    return np.array(ids, np.int32), np.array(tags, np.int8)
