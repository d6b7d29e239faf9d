"""The small model over the turns of a talk: the roles of each turn, and the topics and mood of the whole.

It takes the pooled vectors of the turns, so that a new turn costs one turn. Roles: a hidden layer over the turn and
those around it, with the encoder's own opinion of each. The whole: the turns' vectors averaged by a learned attention,
then judged by heads that start as those of single messages (252 talks are too few to learn 31 topics from nothing).
The encoder has learned from these very turns, so they look clearer to it than any new ones: noise makes up for that.
"""
import dataclasses

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import dataset
import fit
from network import Reader

BEFORE, AFTER = 3, 1  # turns around the one whose roles are asked
HIDDEN = 96
NOISE = 1.0  # standard deviations of a vector's values
DROPOUT = 0.5
WHOLE = {"topics": dataset.TOPICS, "sentiment": dataset.SENTIMENTS}
STEPS = 400
RATE = 1e-3


@dataclasses.dataclass
class Talk:
    id: str
    language: str
    split: str
    vectors: torch.Tensor  # [turns, hidden], standardised
    own_roles: torch.Tensor  # [turns, roles], the encoder's scores of each turn by itself
    customer: torch.Tensor  # [turns], 1 for the customer's
    roles: torch.Tensor
    topics: list[int]
    sentiment: int


class TalkModel(nn.Module):
    def __init__(self, reader: Reader):
        super().__init__()
        hidden = reader.centre.shape[0]
        roles = len(dataset.ROLES)
        self.widen = nn.Linear((BEFORE + 1 + AFTER) * (hidden + 2 + roles), HIDDEN)
        self.roles = nn.Linear(HIDDEN, roles)
        self.attention = nn.ModuleDict({name: nn.Linear(hidden + 3, 1) for name in WHOLE})
        self.whole = nn.ModuleDict({name: nn.Linear(hidden, len(labels)) for name, labels in WHOLE.items()})
        with torch.no_grad():
            for name in WHOLE:
                self.attention[name].weight.mul_(0.1)
                self.whole[name].weight.copy_(reader.heads[name].weight)
                self.whole[name].bias.copy_(reader.heads[name].bias)
        self.start = {name: self.whole[name].weight.detach().clone() for name in WHOLE}

    def forward(self, talk: Talk, ends: bool = True):
        """Role logits of each turn and logits of the whole; `ends`: the last turn knows that none follows it."""
        x, own = talk.vectors, talk.own_roles
        if self.training:
            x = F.dropout(x + NOISE * torch.randn_like(x), DROPOUT)
            own = own + 2 * NOISE * torch.randn_like(own)
        who = torch.stack([talk.customer, 1 - talk.customer], 1)
        known = torch.cat([x, who, torch.sigmoid(own)], 1)
        padded = F.pad(known, (0, 0, BEFORE, AFTER))
        around = torch.cat([padded[i : i + len(x)] for i in range(BEFORE + 1 + AFTER)], 1)
        if not ends:  # live, each turn is read before the next is said
            around[:, -known.shape[1] :] = 0
        roles = self.roles(F.dropout(F.relu(self.widen(around)), 0.3, self.training))
        place = torch.arange(len(x), dtype=x.dtype)[:, None]
        facts = torch.cat([x, who[:, :1], (place / 10).clamp(max=1), (place == 0).to(x.dtype)], 1)
        whole = {}
        for name, head in self.whole.items():
            share = torch.softmax(self.attention[name](facts)[:, 0], 0)
            whole[name] = head(share @ x)
        return roles, whole

    def drift(self) -> torch.Tensor:
        """How far the heads of the whole have moved from those of single messages."""
        return sum((self.whole[name].weight - self.start[name]).square().sum() for name in WHOLE)


def talks(reader: Reader, scales: tuple[torch.Tensor, torch.Tensor], tokenizer) -> list[Talk]:
    """All talks as `reader` encodes their turns, standardised by `scales` (centre and spread)."""
    raw = dataset.read("dialogues-*.jsonl")
    rows = {r.id: r for r in dataset.turns()}
    outputs = fit.predict(reader, [r.text for r in rows.values()], tokenizer)
    vectors = (torch.from_numpy(outputs["vector"]) - scales[0]) / scales[1]
    place = {name: i for i, name in enumerate(rows)}
    out = []
    for talk in raw:
        ids = [f"{talk['id']}#{i}" for i in range(len(talk["turns"]))]
        at = [place[i] for i in ids]
        out.append(
            Talk(
                id=talk["id"],
                language=talk["language"],
                split=rows[ids[0]].split,
                vectors=vectors[at],
                own_roles=torch.from_numpy(outputs["roles"][at]),
                customer=torch.tensor([float(t["speaker"] == "customer") for t in talk["turns"]]),
                roles=torch.from_numpy(dataset.many_hot([rows[i].roles for i in ids], len(dataset.ROLES))),
                topics=[dataset.TOPICS.index(t) for t in talk["topics"]],
                sentiment=dataset.SENTIMENTS.index(talk["sentiment"]),
            )
        )
    return out


def fit_talks(reader: Reader, train: list[Talk], seed: int, hold: float = 0.05) -> TalkModel:
    torch.manual_seed(seed)
    model = TalkModel(reader)
    optimiser = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.1)
    chance = np.random.default_rng(seed)
    for step in range(STEPS):
        for group in optimiser.param_groups:
            group["lr"] = RATE * min(1.0, 2 * (1 - step / STEPS))
        total = hold * model.drift()
        for number in chance.choice(len(train), 32, replace=False):
            talk = train[number]
            roles, whole = model(talk, ends=chance.random() < 0.7)
            total = total + F.binary_cross_entropy_with_logits(roles, talk.roles, reduction="none").sum(1).mean() / 32
            target = torch.zeros(len(dataset.TOPICS))
            target[talk.topics] = 1
            logits = whole["topics"][None]
            total = total + F.binary_cross_entropy_with_logits(logits[0], target, reduction="sum") / 32
            total = total + 0.5 * F.cross_entropy(logits, torch.tensor(talk.topics[:1])) / 32
            total = total + F.cross_entropy(whole["sentiment"][None], torch.tensor([talk.sentiment])) / 32
        optimiser.zero_grad()
        total.backward()
        optimiser.step()
    return model.eval()
