"""Writes the model folder: int8 weights, the grams, tokenizer, configuration, manifest; and the fixture of the Rust test.
The model over turns comes beside them afterwards (`members.py`)."""
import hashlib
import json
import pathlib
import shutil

import numpy as np
import torch
from safetensors.numpy import load_file, save_file
from sklearn.metrics import f1_score, precision_score, recall_score
from tokenizers import Tokenizer

import base
import calibrate
import dataset
import encode
import grams
import spans
from network import HEADS, Reader

ZERO = 128  # bytes are unsigned: value = (byte - ZERO) * scale of the row
FIXTURE_TEXTS = 200
VERSION = "2.7.0"
SHAPE = (
    "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "vocab_size",
    "max_position_embeddings", "layer_norm_eps",
)


def quantise(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """One symmetric scale a row."""
    scale = np.maximum(np.abs(matrix).max(1), 1e-12) / 127
    return (np.round(matrix / scale[:, None]) + ZERO).astype(np.uint8), scale.astype(np.float32)


def pack(model: Reader) -> dict[str, np.ndarray]:
    """Stored tensors: matrices in int8, all else in f16 or f32."""
    plain = {k: v.detach().float().numpy() for k, v in model.state_dict().items() if k not in ("centre", "spread")}
    for name, head in [(f"heads.{n}", model.heads[n]) for n in HEADS] + [("spans", model.spans)]:
        weight, bias = model.folded(head)
        plain[f"{name}.weight"], plain[f"{name}.bias"] = weight.detach().numpy(), bias.detach().numpy()
    out = {}
    for name, value in plain.items():
        if name.startswith(("heads.", "spans.")) or value.ndim == 1:
            out[name] = value.astype(np.float32)
        elif "position" in name or "token_type" in name:
            out[name] = value.astype(np.float16)
        else:
            out[name], out[f"{name}.scale"] = quantise(value)
    return out


def unpack(stored: dict[str, np.ndarray], config: dict) -> Reader:
    """The model as its stored weights say: what is measured and what Rust must equal."""
    state = {}
    for name, value in stored.items():
        if name.endswith(".scale"):
            continue
        if value.dtype == np.uint8:
            value = (value.astype(np.float32) - ZERO) * stored[f"{name}.scale"][:, None]
        state[name] = torch.from_numpy(value.astype(np.float32))
    model = Reader(config)
    model.load_state_dict(state, strict=False)
    return model.eval()


def read(folder: pathlib.Path) -> tuple[Reader, dict, pathlib.Path]:
    """A written model to go on from, its configuration, and where its tokenizer lies."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    return unpack(load_file(folder / "model.safetensors"), config), config, folder / "tokenizer.json"


def training_of(folder: pathlib.Path) -> dict:
    """Version of a written model and what its manifest says of its training."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return {"version": manifest["version"]} | manifest["training"]


def quality(outputs: dict, rows, found) -> dict:
    """Figures of one set of messages by main topic; `n` says how far they can be trusted."""
    classes = [t.split(".")[0] for t in dataset.TOPICS]
    topic = np.array([r.topics[0] for r in rows])
    said = outputs["topics"].argmax(1)
    critical = np.array([r.urgency for r in rows]) == 0
    return {
        "n": len(rows),
        "topic_macro_f1": f1_score(topic, said, average="macro", labels=sorted(set(topic))),
        "class_accuracy": float(np.mean([classes[a] == classes[b] for a, b in zip(topic, said)])),
        "sentiment_macro_f1": f1_score([r.sentiment for r in rows], outputs["sentiment"].argmax(1), average="macro", labels=[0, 1, 2]),
        "critical_n": int(critical.sum()),
        "critical_recall": recall_score(critical, found, zero_division=0),
        "critical_precision": precision_score(critical, found, zero_division=0),
        "language_accuracy": float(np.mean(outputs["language"].argmax(1) == [r.language for r in rows])),
    }


def measure(outputs: dict, rows, temperatures, thresholds) -> dict:
    """Test figures together, per language and per style."""
    found = calibrate.urgency_of(outputs, rows, temperatures)[:, 0] >= thresholds["critical"]
    parts = {"all": rows}
    parts |= {name: [r for r in rows if r.language == i] for i, name in enumerate(dataset.LANGUAGES)}
    parts |= {style: [r for r in rows if r.style == style] for style in ("chat", "asr", "formal")}
    index = {r.id: i for i, r in enumerate(rows)}
    figures = {}
    for name, part in parts.items():
        places = [index[r.id] for r in part]
        values = quality({k: outputs[k][places] for k in HEADS}, part, found[places])
        figures[name] = {k: round(float(v), 4) if isinstance(v, float) else v for k, v in values.items()}
    return figures


def write(model: Reader, config: dict, tokenizer: pathlib.Path, folder: pathlib.Path, facts: dict, say) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    stored = pack(model)
    save_file(stored, folder / "model.safetensors")
    if tokenizer.resolve() != (folder / "tokenizer.json").resolve():
        shutil.copyfile(tokenizer, folder / "tokenizer.json")
    shape = {k: config[k] for k in SHAPE} | {"prefix": encode.PREFIX, "heads": [{"name": n, "labels": len(labels)} for n, labels in HEADS.items()]}
    shape |= {"token_labels": len(spans.TAGS)}
    write_json(folder / "config.json", shape)

    shipped = unpack(stored, config)
    reader = Tokenizer.from_file(str(folder / "tokenizer.json"))
    messages = dataset.messages()
    sets = {split: [r for r in messages if r.split == split] for split in ("dev", "test")}
    outputs = {split: encode.predict(shipped, [r.text for r in rows], reader) for split, rows in sets.items()}
    of_grams = grams.fit([r for r in messages if r.split == "train"])
    say(f"grams take part with {grams.weigh(of_grams, outputs['dev'], sets['dev'])}")
    save_file(of_grams, folder / "grams.safetensors")
    outputs = {split: grams.join(outputs[split], of_grams, [r.text for r in rows]) for split, rows in sets.items()}
    temperatures, thresholds = calibrate.calibrate(outputs["dev"], sets["dev"])
    figures = measure(outputs["test"], sets["test"], temperatures, thresholds)
    for name, values in figures.items():
        say(f"test {name}: " + ", ".join(f"{k} {v}" for k, v in values.items()))

    write_json(folder / "manifest.json", {
        "id": folder.name,
        "version": VERSION,
        "base": {"name": "multilingual-e5-small", "licence": "MIT", "sources": list(base.PACKAGES)},
        "files": files_of(folder),
        "reading": {
            "labels": HEADS | {"entities": dataset.ENTITIES}, "thresholds": thresholds, "temperatures": temperatures,
        },
        "training": {"recipe": "models/training/train.py", "data_sha256": dataset.data_hash(), **facts},
        "quality": {"split": "test", "messages": figures},
    })
    write_fixture(shipped, of_grams, reader, sets["test"], folder, say)


def files_of(folder: pathlib.Path) -> list[dict]:
    """What the manifest says of the files beside it."""
    contents = {path.name: path.read_bytes() for path in sorted(folder.glob("*")) if path.name != "manifest.json"}
    digest = lambda content: hashlib.sha256(content).hexdigest()
    return [{"name": name, "bytes": len(content), "sha256": digest(content)} for name, content in contents.items()]


def write_fixture(model: Reader, of_grams: dict, tokenizer: Tokenizer, rows, folder: pathlib.Path, say) -> None:
    """Texts with the numbers PyTorch and the grams give for the stored weights: models/tests/fixtures/NAME.json."""
    texts = [r.text for r in rows[:: max(1, len(rows) // FIXTURE_TEXTS)]][:FIXTURE_TEXTS]
    texts += ["", "😡😡", "ок", "Оʻзбекча матн ҳам бор", "\u200b", "слово " * 200]
    longest, encode.LONGEST = encode.LONGEST, 512
    outputs = [grams.join(encode.predict(model, [t], tokenizer), of_grams, [t]) for t in texts]
    encode.LONGEST = longest
    cases = []
    for text, out in zip(texts, outputs):
        vector = out["vector"][0] / np.linalg.norm(out["vector"][0])
        logits, places = out["spans"][0]
        cases.append({
            "text": text,
            "logits": [[round(float(x), 5) for x in out[name][0]] for name in HEADS],
            "vector": [round(float(x), 6) for x in vector[:8]],
            "tags": [int(t) for t in logits.argmax(1)],
            "spans": [[dataset.ENTITIES[k], text[a:b]] for k, a, b in spans.decode(logits, places, text)],
        })
    target = dataset.MODELS / "tests" / "fixtures" / f"{folder.name}.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text("[\n" + ",\n".join(json.dumps(c, ensure_ascii=False) for c in cases) + "\n]\n", encoding="utf-8")
    say(f"{len(cases)} texts with PyTorch's numbers in {target.name}")


def write_json(path: pathlib.Path, value) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
