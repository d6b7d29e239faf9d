"""Gemma 3 of 270 million parameters (Gemma Team 2025, arXiv:2503.19786), its vocabulary cut, for training.

Its layers look at all tokens before, not at a window of 512: no talk is so long that it would matter to the card, and the
program that writes afterwards need not count."""
import math

import torch
from torch import nn
from torch.nn import functional as F

WIDTH, HEADS, HEAD, INNER, LAYERS, EPSILON = 640, 4, 256, 2048, 18, 1e-6
NEAR, FAR = 1e4, 1e6  # bases of the rotary places; every sixth layer has the far one
NAMES = {
    "attn_norm": "before", "attn_q": "q", "attn_k": "k", "attn_v": "v", "attn_q_norm": "q_norm", "attn_k_norm": "k_norm",
    "attn_output": "out", "post_attention_norm": "after", "ffn_norm": "before_inner", "ffn_gate": "gate", "ffn_up": "up",
    "ffn_down": "down", "post_ffw_norm": "after_inner",
}  # as GGUF calls the tensors of a layer


class Norm(nn.Module):
    def __init__(self, size: int):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.rms_norm(x.float(), self.weight.shape, self.weight, EPSILON).to(x.dtype)


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        for name in ("before", "after", "before_inner", "after_inner"):
            setattr(self, name, Norm(WIDTH))
        self.q_norm, self.k_norm = Norm(HEAD), Norm(HEAD)
        for name, (inner, outer) in {
            "q": (WIDTH, HEADS * HEAD), "k": (WIDTH, HEAD), "v": (WIDTH, HEAD), "out": (HEADS * HEAD, WIDTH),
            "gate": (WIDTH, INNER), "up": (WIDTH, INNER), "down": (INNER, WIDTH),
        }.items():
            setattr(self, name, nn.Linear(inner, outer, bias=False))

    def forward(self, x, rotation, mask, cache):
        """`mask` is none where each token looks at all before it; `cache` takes up keys and values, or is none."""
        rows, length, _ = x.shape
        h = self.before(x)
        q = self.q(h).view(rows, length, HEADS, HEAD).transpose(1, 2)
        k = self.k(h).view(rows, length, 1, HEAD).transpose(1, 2)
        v = self.v(h).view(rows, length, 1, HEAD).transpose(1, 2)
        q, k = rotated(self.q_norm(q), *rotation), rotated(self.k_norm(k), *rotation)
        if cache is not None:
            if "k" in cache:
                k, v = torch.cat([cache["k"], k], 2), torch.cat([cache["v"], v], 2)
            cache["k"], cache["v"] = k, v
        k, v = k.expand(-1, HEADS, -1, -1), v.expand(-1, HEADS, -1, -1)
        seen = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=mask is None, scale=HEAD**-0.5)
        x = x + self.after(self.out(seen.transpose(1, 2).reshape(rows, length, -1)))
        h = self.before_inner(x)
        return x + self.after_inner(self.down(F.gelu(self.gate(h), approximate="tanh") * self.up(h)))


class Gemma(nn.Module):
    def __init__(self, pieces: int):
        super().__init__()
        self.embed = nn.Embedding(pieces, WIDTH)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.norm = Norm(WIDTH)

    def hidden(self, ids, places, mask=None, caches=None):
        """`[rows, length, WIDTH]` of token ids and their places, both `[rows, length]`."""
        x = self.embed(ids) * math.sqrt(WIDTH)
        rotations = [rotation(base, places, x.dtype) for base in (NEAR, FAR)]
        for number, layer in enumerate(self.layers):
            x = layer(x, rotations[number % 6 == 5], mask, None if caches is None else caches[number])
        return self.norm(x)

    def logits(self, hidden):
        return F.linear(hidden, self.embed.weight)


def rotation(base: float, places: torch.Tensor, kind: torch.dtype):
    step = base ** (-torch.arange(0, HEAD, 2, device=places.device, dtype=torch.float32) / HEAD)
    angle = places[:, None, :, None].float() * step
    angle = torch.cat([angle, angle], -1)
    return angle.cos().to(kind), angle.sin().to(kind)


def rotated(x, cos, sin):
    a, b = x.chunk(2, -1)
    return x * cos + torch.cat([-b, a], -1) * sin
