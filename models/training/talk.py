"""The small model over the turns of a talk: what each turn does, asks, offers and promises, what became of that, on
which turns a summary rests, and topics, mood and end of the whole.

It takes the pooled vectors of the turns, so that a new turn costs one turn. A narrow state of each turn looks at the
states around it, then at the talk as it goes on, read forward and backward by gated units (Cho et al., 2014), then at
the most of all that came before it and of all that follows; heads judge that. Topics and mood of the whole: the turns'
vectors averaged by a learned attention, then judged by heads that start as those of single messages (few hundred talks
are too few to learn 31 topics from nothing). It first learns on vectors as they are, with noise, because the encoder
knows these very turns and they look clearer to it than any new ones; then both learn together (`fit.py`). What ships
are several of them that learned on the vectors of the finished encoder from different beginnings (`members.py`).
"""
import dataclasses
from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import dataset
from network import Reader, mean_of
from talks import ACTS, ANSWERED, ANSWERS, KINDS, OUTCOMES, PARTS, TYPES, Talk

AROUND = 2  # turns before and after that a state looks at
HIDDEN = 192
NOISE = 0.2  # standard deviations of a vector's values
MORE_NOISE = 0.7  # on vectors of talks that the encoder learned on: it says clearer things of them than of new ones
INPUT_DROPOUT = 0.3
DROPOUT = 0.3
CUT = 0.25  # so many talks are shown as they were while they went on
WHOLE = {"topics": dataset.TOPICS, "sentiment": dataset.SENTIMENTS}
EPOCHS = 30
TALKS = 24  # in a batch
SORTED = 8  # batches whose talks are drawn at once and shared out by their length, so that little is padded
RATE = 2e-3
HOLD = 0.05
NOTHING = -1e9  # far below every state
RARE = -4.0  # logit of an act of which nothing is known
KIND_OF = torch.tensor([KINDS.index(kind) for kind, _ in ACTS])
TYPE_OF = torch.tensor([TYPES.index(what) for _, what in ACTS])


@dataclasses.dataclass
class Seen:
    """Talks side by side as the model takes them: `[talks, turns, …]`, what is no turn is zero."""

    vectors: torch.Tensor  # standardised
    own_roles: torch.Tensor  # the encoder's logits of each turn by itself
    customer: torch.Tensor
    turns: torch.Tensor  # 1 where there is a turn


class TalkModel(nn.Module):
    def __init__(self, reader: Reader):
        super().__init__()
        hidden = reader.centre.shape[0]
        self.narrow = nn.Linear(hidden + 2 + len(dataset.ROLES), HIDDEN)
        self.around = nn.Linear((2 * AROUND + 1) * HIDDEN, HIDDEN)
        self.through = nn.GRU(HIDDEN, HIDDEN // 2, batch_first=True, bidirectional=True)
        self.over = nn.Linear(3 * HIDDEN, HIDDEN)
        self.norms = nn.ModuleList(nn.LayerNorm(HIDDEN) for _ in range(4))
        self.roles = nn.Linear(HIDDEN, len(dataset.ROLES))
        # Acts are rare pairs: each is judged by its kind, by its type, and by itself.
        self.kinds, self.types = nn.Linear(HIDDEN, len(KINDS)), nn.Linear(HIDDEN, len(TYPES))
        self.pairs = nn.Linear(HIDDEN, len(ACTS))
        self.answers = nn.Linear(HIDDEN, len(ANSWERED) * len(ANSWERS))
        self.evidence = nn.Linear(HIDDEN, len(PARTS))
        self.attention = nn.ModuleDict({name: nn.Linear(hidden + 3, 1) for name in WHOLE})
        self.attention["outcome"] = nn.Linear(HIDDEN, 1)
        self.whole = nn.ModuleDict({name: nn.Linear(hidden, len(labels)) for name, labels in WHOLE.items()})
        self.whole["outcome"] = nn.Linear(2 * HIDDEN, len(OUTCOMES))
        with torch.no_grad():
            self.roles.bias.fill_(-2.0)
            self.pairs.bias.fill_(RARE)
            for name in WHOLE:
                self.attention[name].weight.mul_(0.1)
                self.whole[name].weight.copy_(reader.heads[name].weight)
                self.whole[name].bias.copy_(reader.heads[name].bias)
        for name in WHOLE:
            self.register_buffer(f"start_{name}", self.whole[name].weight.detach().clone(), persistent=False)
        self.register_buffer("kind_of", KIND_OF, persistent=False)
        self.register_buffer("type_of", TYPE_OF, persistent=False)

    def forward(self, seen: Seen, noise: float = NOISE) -> dict[str, torch.Tensor]:
        """Logits of the turns (`roles`, `acts`, `answers`, `evidence`), of the whole (`topics`, `sentiment`, `outcome`)."""
        x, own = seen.vectors, torch.sigmoid(seen.own_roles)
        if self.training:
            x = F.dropout(x + noise * torch.randn_like(x), INPUT_DROPOUT)
            own = F.dropout(own, 0.2)
        turns = seen.turns[:, :, None]
        who = torch.stack([seen.customer, seen.turns - seen.customer], 2)
        state = F.relu(self.norms[0](self.narrow(torch.cat([x, who, own], 2)))) * turns
        for look, norm in zip((self.seen_around, self.seen_through, self.seen_over), self.norms[1:]):
            state = norm(state + look(F.dropout(state, DROPOUT, self.training), seen.turns)) * turns
        state = F.dropout(state, DROPOUT, self.training)
        out = {
            "roles": self.roles(state),
            "acts": self.kinds(state)[..., self.kind_of] + self.types(state)[..., self.type_of] + self.pairs(state),
            "answers": self.answers(state).unflatten(2, (len(ANSWERED), len(ANSWERS))),
            "evidence": self.evidence(state),
        }
        place = torch.arange(x.shape[1], dtype=x.dtype, device=x.device).expand(x.shape[:2])[:, :, None]
        facts = torch.cat([x, who[:, :, :1], (place / 10).clamp(max=1), (place == 0).to(x.dtype)], 2)
        nothing = (turns == 0)[:, :, 0]
        for name in WHOLE:
            share = torch.softmax(self.attention[name](facts)[:, :, 0].masked_fill(nothing, -1e9), 1)
            out[name] = self.whole[name](torch.einsum("bt,bth->bh", share, x))
        share = torch.softmax(self.attention["outcome"](state)[:, :, 0].masked_fill(nothing, -1e9), 1)
        highest = state.masked_fill(turns == 0, -1e9).max(1)[0]
        out["outcome"] = self.whole["outcome"](torch.cat([torch.einsum("bt,bth->bh", share, state), highest], 1))
        return out

    def seen_around(self, state: torch.Tensor, turns: torch.Tensor) -> torch.Tensor:
        padded = F.pad(state, (0, 0, AROUND, AROUND))
        return F.relu(self.around(torch.cat([padded[:, i : i + state.shape[1]] for i in range(2 * AROUND + 1)], 2)))

    def seen_through(self, state: torch.Tensor, turns: torch.Tensor) -> torch.Tensor:
        sizes = turns.sum(1).long().cpu()
        packed = nn.utils.rnn.pack_padded_sequence(state, sizes, batch_first=True, enforce_sorted=False)
        return nn.utils.rnn.pad_packed_sequence(self.through(packed)[0], batch_first=True, total_length=state.shape[1])[0]

    def seen_over(self, state: torch.Tensor, turns: torch.Tensor) -> torch.Tensor:
        nothing = torch.zeros_like(state[:, :1])
        shown = state.masked_fill(turns[:, :, None] == 0, NOTHING)
        most = lambda states: torch.cat([nothing, states.cummax(1)[0][:, :-1]], 1)
        before, after = most(shown), most(shown.flip(1)).flip(1)
        # Behind the last turn only what is no turn follows.
        after = after.masked_fill(after < NOTHING / 2, 0)
        return F.relu(self.over(torch.cat([state, before, after], 2)))

    def drift(self) -> torch.Tensor:
        """How far the heads of the whole have moved from those of single messages."""
        return sum((self.whole[name].weight - self.get_buffer(f"start_{name}")).square().sum() for name in WHOLE)

    def act_head(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Weight and bias of one head that says the same of acts as the three."""
        join = lambda kinds, types, pairs: (kinds[KIND_OF] + types[TYPE_OF] + pairs).detach()
        heads = self.kinds, self.types, self.pairs
        return join(*(h.weight for h in heads)), join(*(h.bias for h in heads))


def seen(talks: list[Talk], vectors: Sequence[torch.Tensor], own_roles: Sequence[torch.Tensor]) -> Seen:
    """On the device of the vectors."""
    device = vectors[0].device
    customer, turns = [t.customer for t in talks], [torch.ones(len(t.rows)) for t in talks]
    whom = (side_by_side(parts).to(device, non_blocking=True) for parts in (customer, turns))
    return Seen(side_by_side(vectors), side_by_side(own_roles), *whom)


def seen_of(outputs: dict, scales: tuple[torch.Tensor, torch.Tensor], talks: list[Talk]) -> list[Seen]:
    """Each talk as its turns were encoded, standardised by `scales` (centre and spread)."""
    vectors = (torch.from_numpy(outputs["vector"]) - scales[0]) / scales[1]
    sizes = [len(t.rows) for t in talks]
    of_each = zip(talks, vectors.split(sizes), torch.from_numpy(outputs["roles"]).split(sizes))
    return [seen([t], [v], [r]) for t, v, r in of_each]


def side_by_side(parts: Sequence[torch.Tensor], fill: float = 0) -> torch.Tensor:
    return nn.utils.rnn.pad_sequence(parts, batch_first=True, padding_value=fill)


def cut(talk: Talk, turns: int) -> Talk:
    """The talk as it was after so many turns."""
    short = {name: getattr(talk, name)[:turns] for name in ("rows", "customer", "roles", "acts", "answers", "evidence")}
    return dataclasses.replace(talk, **short)


def loss(model: TalkModel, out: dict, talks: list[Talk], ended: list[bool]) -> torch.Tensor:
    """`ended`: false for a talk that was cut: what is said after it decides its answers, its evidence and its end."""
    device = model.kind_of.device
    placed = lambda values: values.to(device, non_blocking=True)
    part = lambda name, fill=0: placed(side_by_side([getattr(t, name) for t in talks], fill))
    turns = placed(side_by_side([torch.ones(len(t.rows)) for t in talks]))
    ended = placed(torch.tensor(ended, dtype=turns.dtype))
    whole = turns * ended[:, None]
    many = lambda found, wanted: F.binary_cross_entropy_with_logits(found, wanted, reduction="none").sum(-1)
    of_turns = lambda name, which: mean_of(many(out[name], part(name)), which)
    total = HOLD * model.drift() + of_turns("roles", turns) + of_turns("acts", turns) + 0.5 * of_turns("evidence", whole)
    answers = part("answers", dataset.UNKNOWN)
    for number, kind in enumerate(ANSWERED):
        wanted = answers[:, :, KIND_OF == kind]
        told = out["answers"][:, :, number, None].expand(*wanted.shape, len(ANSWERS)).flatten(0, 2)
        costs = F.cross_entropy(told, wanted.flatten(), reduction="none", ignore_index=dataset.UNKNOWN).view(wanted.shape)
        total = total + 0.15 * mean_of(costs, (wanted != dataset.UNKNOWN) * whole[:, :, None])
    topics = placed(torch.from_numpy(dataset.many_hot([t.topics for t in talks], len(dataset.TOPICS))))
    choice = lambda name, wanted: mean_of(F.cross_entropy(out[name], placed(torch.tensor(wanted)), reduction="none"), ended)
    total = total + mean_of(many(out["topics"], topics), ended) + 0.5 * choice("topics", [t.topics[0] for t in talks])
    total = total + choice("sentiment", [t.sentiment for t in talks])
    return total + 0.5 * choice("outcome", [t.outcome for t in talks])


def fit_talks(reader: Reader, talks: list[Talk], read: list[Seen], seed: int, noise: float, device: str) -> TalkModel:
    """Learns on vectors that do not change."""
    torch.manual_seed(seed)
    model = TalkModel(reader).to(device)
    vectors, own_roles = ([getattr(one, name)[0].to(device) for one in read] for name in ("vectors", "own_roles"))
    optimiser = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.05)
    chance = np.random.default_rng(seed)
    steps = EPOCHS * len(talks) // TALKS
    waiting: list[list[tuple[int, int, bool]]] = []
    for step in range(steps):
        for group in optimiser.param_groups:
            group["lr"] = RATE * min(1.0, (step + 1) / 50, 2 * (1 - step / steps))
        waiting = waiting or drawn(talks, chance)
        part = waiting.pop()
        ended = [ended for _, _, ended in part]
        shown = [cut(talks[i], end) for i, end, _ in part]
        known = [(vectors[i][:end], own_roles[i][:end]) for i, end, _ in part]
        value = loss(model, model(seen(shown, *map(list, zip(*known))), noise), shown, ended)
        optimiser.zero_grad()
        value.backward()
        optimiser.step()
    return model.eval().cpu()


def drawn(talks: list[Talk], chance: np.random.Generator) -> list[list[tuple[int, int, bool]]]:
    """Batches of `(which talk, how many of its turns are shown, whether those are all)`."""
    shown = []
    for i in chance.choice(len(talks), min(len(talks), SORTED * TALKS), replace=False):
        turns = len(talks[i].rows)
        ended = chance.random() >= CUT
        shown.append((i, turns if ended else int(chance.integers(1, turns + 1)), ended))
    shown.sort(key=lambda part: part[1])
    batches = [shown[at : at + TALKS] for at in range(0, len(shown), TALKS)]
    chance.shuffle(batches)
    return batches


@torch.no_grad()
def judge(members: list[TalkModel], read: list[Seen]) -> list[dict]:
    """Logits of each talk: the mean over the members."""
    said = lambda one: [member(one) for member in members]
    mean = lambda outs: {name: torch.stack([out[name][0] for out in outs]).mean(0).numpy() for name in outs[0]}
    return [mean(said(one)) for one in read]
