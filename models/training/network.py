"""The BERT encoder with mean pooling and linear heads on the text and on its tokens, small enough to read at one sitting."""
import math

import torch
import torch.nn.functional as F
from torch import nn

import dataset
import spans

HEADS = {
    "topics": dataset.TOPICS,
    "sentiment": dataset.SENTIMENTS,
    "urgency": dataset.URGENCIES,
    "language": dataset.LANGUAGES,
    "roles": dataset.ROLES,
}
DROPOUT = 0.1
torch.backends.cuda.enable_cudnn_sdp(False)  # it plans anew for each shape, and each batch has its own


class Dropout(nn.Module):
    """As torch's, but on processor cores by bytes at random: one by one their numbers take a third of a step."""

    def forward(self, x):
        if not self.training or x.device.type != "cpu":
            return F.dropout(x, DROPOUT, self.training)
        lost = round(256 * DROPOUT)
        return x * (torch.empty(x.shape, dtype=torch.uint8).random_(256) >= lost) * (256 / (256 - lost))


class Layer(nn.Module):
    def __init__(self, config: dict):
        super().__init__()
        hidden, wide, eps = config["hidden_size"], config["intermediate_size"], config["layer_norm_eps"]
        self.heads = config["num_attention_heads"]
        self.attention = nn.ModuleDict({
            "self": nn.ModuleDict({name: nn.Linear(hidden, hidden) for name in ("query", "key", "value")}),
            "output": nn.ModuleDict({"dense": nn.Linear(hidden, hidden), "LayerNorm": nn.LayerNorm(hidden, eps)}),
        })
        self.intermediate = nn.ModuleDict({"dense": nn.Linear(hidden, wide)})
        self.output = nn.ModuleDict({"dense": nn.Linear(wide, hidden), "LayerNorm": nn.LayerNorm(hidden, eps)})
        self.dropout = Dropout()

    def forward(self, x, mask):
        batch, length, hidden = x.shape
        inner, out = self.attention["self"], self.attention["output"]
        query, key, value = (
            inner[name](x).view(batch, length, self.heads, -1).transpose(1, 2) for name in ("query", "key", "value")
        )
        if x.device.type == "cpu":
            near = (query @ key.transpose(2, 3) / math.sqrt(query.shape[3])).masked_fill(~mask, -1e9)
            seen = self.dropout(near.softmax(3).to(value.dtype)) @ value
        else:
            drop = DROPOUT if self.training else 0.0
            seen = F.scaled_dot_product_attention(query, key, value, attn_mask=mask, dropout_p=drop)
        seen = seen.transpose(1, 2).reshape(batch, length, hidden)
        x = out["LayerNorm"](x + self.dropout(out["dense"](seen)))
        wide = F.gelu(self.intermediate["dense"](x))
        return self.output["LayerNorm"](x + self.dropout(self.output["dense"](wide)))


class Reader(nn.Module):
    def __init__(self, config: dict):
        super().__init__()
        hidden = config["hidden_size"]
        self.embeddings = nn.ModuleDict({
            "word_embeddings": nn.Embedding(config["vocab_size"], hidden),
            "position_embeddings": nn.Embedding(config["max_position_embeddings"], hidden),
            "token_type_embeddings": nn.Embedding(1, hidden),
            "LayerNorm": nn.LayerNorm(hidden, config["layer_norm_eps"]),
        })
        self.encoder = nn.ModuleDict({"layer": nn.ModuleList(Layer(config) for _ in range(config["num_hidden_layers"]))})
        self.heads = nn.ModuleDict({name: nn.Linear(hidden, len(labels)) for name, labels in HEADS.items()})
        self.spans = nn.Linear(hidden, len(spans.TAGS))
        # The base vectors differ little around a large common mean; heads learn on them only when standardised.
        self.register_buffer("centre", torch.zeros(hidden))
        self.register_buffer("spread", torch.ones(hidden))
        # A topic is rare (one or two of 31): start from its share, not from one half.
        nn.init.constant_(self.heads["topics"].bias, math.log(1 / 30))
        nn.init.constant_(self.heads["roles"].bias, math.log(1 / 7))
        self.dropout = Dropout()

    def states(self, ids, mask):
        """The last layer's state of each token."""
        e = self.embeddings
        places = torch.arange(ids.shape[1], device=ids.device)
        x = e["word_embeddings"](ids) + e["position_embeddings"](places) + e["token_type_embeddings"].weight[0]
        x = self.dropout(e["LayerNorm"](x))
        seen = mask[:, None, None, :]
        for layer in self.encoder["layer"]:
            x = layer(x, seen)
        return x

    def forward(self, ids, mask):
        """Logits of each head, of each token's tag under `spans`, and the pooled `vector`."""
        x = self.states(ids, mask).float()
        weight = mask[:, :, None].to(x.dtype)
        pooled = (x * weight).sum(1) / weight.sum(1)
        out = self.judge(pooled)
        out["spans"] = self.spans(self.dropout((x - self.centre) / self.spread))
        out["vector"] = pooled
        return out

    def judge(self, pooled):
        """Logits of each head for pooled vectors."""
        x = self.dropout((pooled - self.centre) / self.spread)
        return {name: head(x) for name, head in self.heads.items()}

    @torch.no_grad()
    def standardise(self, centre, spread):
        """Takes new scales; the heads say the same as before."""
        for head in [*self.heads.values(), self.spans]:
            weight, bias = self.folded(head)
            head.weight.copy_(weight * spread)
            head.bias.copy_(bias + weight @ centre)
        self.centre.copy_(centre)
        self.spread.copy_(spread)

    def folded(self, head: nn.Linear):
        """Weight and bias of a head that takes the state or pooled vector as it is."""
        weight = head.weight / self.spread
        return weight, head.bias - weight @ self.centre


CLASS_OF = torch.tensor([dataset.CLASSES.index(t.split(".")[0]) for t in dataset.TOPICS])
OF_CLASS = F.one_hot(CLASS_OF).T.bool()
# Missing a critical message is the worst error: it weighs three times.
URGENCIES_WEIGH = torch.tensor([3.0, 1.0, 1.0])
CHOICES = {"sentiment": 0.5, "urgency": 0.5, "language": 0.2}


def mean_of(values: torch.Tensor, known: torch.Tensor) -> torch.Tensor:
    """The mean of what is known, zero if nothing is; nothing waits for the device to say what that is."""
    return (values * known).sum() / known.sum().clamp(min=1)


def loss(outputs: dict, batch: dict) -> torch.Tensor:
    """Sum over the heads; a label that is not known for a row takes no part."""
    logits, main, device = outputs["topics"], batch["main"], batch["main"].device
    many = lambda name: F.binary_cross_entropy_with_logits(outputs[name], batch[name], reduction="none").sum(1)
    known = (batch["topics"].sum(1) > 0).to(logits.dtype)
    total = mean_of(many("topics"), known)
    # Which topic is the main one, and of which class: the same scores, asked as one choice of 31 and of 5.
    total = total + 0.5 * mean_of(F.cross_entropy(logits, main, label_smoothing=0.05, reduction="none"), known)
    of_class = logits[:, None].masked_fill(~OF_CLASS.to(device), -1e9).logsumexp(2)
    total = total + 0.25 * mean_of(F.cross_entropy(of_class, CLASS_OF.to(device)[main], reduction="none"), known)
    for name, share in CHOICES.items():
        wanted = batch[name]
        weights = (wanted != dataset.UNKNOWN).to(logits.dtype)
        if name == "urgency":
            weights = weights * URGENCIES_WEIGH.to(device)[wanted]
        costs = F.cross_entropy(outputs[name], wanted, reduction="none", ignore_index=dataset.UNKNOWN)
        total = total + share * mean_of(costs, weights)
    total = total + 0.5 * mean_of(many("roles"), (batch["roles"].sum(1) > 0).to(logits.dtype))
    # A mean over tokens, most of which are outside: weighed up to the size of the sums above.
    wanted = batch["spans"].flatten()
    costs = F.cross_entropy(outputs["spans"].flatten(0, 1), wanted, reduction="none", ignore_index=dataset.UNKNOWN)
    return total + 6.0 * mean_of(costs, (wanted != dataset.UNKNOWN).to(logits.dtype))
