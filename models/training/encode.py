"""Texts to tokens, and what a reader says of them."""
import numpy as np
import torch
from tokenizers import Tokenizer

from network import Reader

PREFIX = "query: "
PAD = 1
LONGEST = 160  # tokens of a text in training; at reading time up to 512
AT_ONCE = 64  # texts that are read together


def tokens_of(encoding) -> tuple[list[int], list[tuple[int, int]]]:
    """Token ids of one encoded text and their places in it (an empty one: no part of it), cut at LONGEST."""
    size = min(len(encoding.ids), LONGEST)
    places = [(max(0, a - len(PREFIX)), max(0, b - len(PREFIX))) for a, b in encoding.offsets[:size]]
    return encoding.ids[:size], places


def encode(texts, tokenizer: Tokenizer):
    """Token ids and mask of texts, and for each text the places of its tokens in it."""
    parts = [tokens_of(e) for e in tokenizer.encode_batch([PREFIX + t for t in texts])]
    longest = max(len(ids) for ids, _ in parts)
    ids = torch.full((len(texts), longest), PAD)
    mask = torch.zeros((len(texts), longest), dtype=torch.bool)
    for i, (tokens, _) in enumerate(parts):
        ids[i, : len(tokens)] = torch.tensor(tokens)
        mask[i, : len(tokens)] = True
    return ids, mask, [places for _, places in parts]


@torch.no_grad()
def predict(model: Reader, texts: list[str], tokenizer: Tokenizer) -> dict:
    """Logits of each head and the pooled vector as arrays in the order of `texts`; under `spans` a list
    of `(logits of the tokens, their places)`."""
    model.eval()
    device = model.centre.device
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    out: dict[str, list] = {}
    for start in range(0, len(order), AT_ONCE):
        ids, mask, places = encode([texts[i] for i in order[start : start + AT_ONCE]], tokenizer)
        for name, values in model(ids.to(device), mask.to(device)).items():
            values = values.float().cpu()
            if name == "spans":
                values = [(v[: len(p)].numpy(), p) for v, p in zip(values, places)]
            out.setdefault(name, []).extend(values)
    back = np.argsort(order)
    return {
        name: [parts[i] for i in back] if name == "spans" else torch.stack(parts).numpy()[back] for name, parts in out.items()
    }


def scales_of(outputs: dict) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean and standard deviation of the vectors."""
    return torch.from_numpy(outputs["vector"].mean(0)), torch.from_numpy(outputs["vector"].std(0))
