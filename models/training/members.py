"""The members of the model over turns: trained on what the finished encoder says of the talks, written beside it, measured.

Each begins from its own seed and sees the talks in its own order and noise; the mean of their logits counts. Of a
talk that the encoder learned on it says clearer things than of a new one: where readers were taught side by side, members
learn from what the reader says that had not seen the talk (`readers.py`).
"""
import functools
import json
import multiprocessing
import pathlib
import tempfile

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer

import calibrate
import contacts
import dataset
import encode
import export
import readers
import talk
from network import Reader
from talks import ACTS, OUTCOMES, Talk, talks

MEMBERS = 6
FIXTURE_TALKS = 8
LABELS = {"acts": [{"kind": kind, "type": what} for kind, what in ACTS], "outcome": OUTCOMES}
# PyTorch's names of the gated units, and those in the file.
GATED = {
    f"through.{part}_{end}_l0{way}": f"through.{way_name}.{end_name}.{part}"
    for part in ("weight", "bias")
    for end, end_name in (("ih", "told"), ("hh", "known"))
    for way, way_name in (("", "forward"), ("_reverse", "backward"))
}
JOINED = ("kinds.", "types.", "pairs.")  # three heads of acts in training, one in the file


def ship(folder: pathlib.Path, unseen: dict[str, tuple], seed: int, device: str, say) -> None:
    """Trains members on the encoder in `folder` and writes them, their part of the manifest and the Rust test's fixture.

    `unseen`: by the id of a talk what was said of it by a reader that had not learned on it (`readers.py`)."""
    reader, _, tokenizer = export.read(folder)
    tokenizer = Tokenizer.from_file(str(tokenizer))
    every = talks()
    of_split = {split: [t for t in every if t.split == split] for split in ("train", "dev", "test")}
    reader.to(device)
    outputs = {s: encode.predict(reader, [r.text for t in those for r in t.rows], tokenizer) for s, those in of_split.items()}
    scales = encode.scales_of(outputs["train"])
    reader.cpu().standardise(*scales)
    read = {s: talk.seen_of(outputs[s], scales, those) for s, those in of_split.items()}
    known = zip(of_split["train"], read["train"])
    read["train"] = [readers.as_seen(t, unseen[t.id]) if t.id in unseen else seen for t, seen in known]
    noise = talk.NOISE if unseen else talk.MORE_NOISE
    members = learned(reader, of_split["train"], read["train"], noise, seed, device, say)
    stored = pack(members, scales)
    save_file(stored, folder / "talk.safetensors")
    members = [unpack(stored, number, reader) for number in range(MEMBERS)]
    judged = {s: talk.judge(members, read[s]) for s in ("dev", "test")}
    temperatures, thresholds = calibrate.calibrate_talks(judged["dev"], of_split["dev"])
    figures = {s: contacts.measure_parts(judged[s], of_split[s], temperatures, thresholds) for s in judged}
    for split, parts in figures.items():
        for name, values in parts.items():
            say(f"{split} contacts {name}: " + ", ".join(f"{k} {v}" for k, v in values.items()))

    path = folder / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest |= {"version": export.VERSION, "files": export.files_of(folder)}
    manifest["reading"]["labels"] |= LABELS
    manifest["reading"]["thresholds"]["talk"] = thresholds
    manifest["reading"]["temperatures"]["talk"] = temperatures
    turns = sum(len(t.rows) for t in of_split["train"])
    manifest["training"]["talks"] = {
        "seed": seed, "epochs": talk.EPOCHS, "rows": turns, "members": MEMBERS, "data_sha256": dataset.data_hash(),
    }
    manifest["quality"]["talks"] = figures["test"]
    export.write_json(path, manifest)
    write_fixture(judged["test"], of_split["test"], folder, say)


def learned(
    reader: Reader, talks: list[Talk], read: list, noise: float, seed: int, device: str, say
) -> list[talk.TalkModel]:
    """The members that learned, side by side: a step is too small to share it out among threads, or to fill a card."""
    with tempfile.TemporaryDirectory() as folder:
        lessons = pathlib.Path(folder) / "lessons.pt"
        torch.save((reader, talks, read, noise), lessons)
        members = [talk.TalkModel(reader) for _ in range(MEMBERS)]
        with multiprocessing.get_context("spawn").Pool(torch.get_num_threads() if device == "cpu" else MEMBERS) as pool:
            states = pool.imap(functools.partial(one, lessons, device), range(seed, seed + MEMBERS))
            for number, (member, state) in enumerate(zip(members, states)):
                member.load_state_dict({name: torch.from_numpy(value) for name, value in state.items()})
                say(f"member {number + 1} of the model over turns has learned")
    return [member.eval() for member in members]


def one(lessons: pathlib.Path, device: str, seed: int) -> dict[str, np.ndarray]:
    """The state of a member that begins from this seed."""
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    reader, talks, read, noise = torch.load(lessons, weights_only=False)
    return {name: value.numpy() for name, value in talk.fit_talks(reader, talks, read, seed, noise, device).state_dict().items()}


def pack(members: list[talk.TalkModel], scales: tuple[torch.Tensor, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Stored tensors, those of each member behind its number: matrices in bf16, all else in f32."""
    out = dict(zip(("centre", "spread"), scales))
    for number, member in enumerate(members):
        values = {k: v.detach() for k, v in member.state_dict().items() if not k.startswith(JOINED)}
        values["acts.weight"], values["acts.bias"] = member.act_head()
        for name, value in values.items():
            out[f"{number}.{GATED.get(name, name)}"] = (value.bfloat16() if value.ndim == 2 else value.float()).contiguous()
    return out


def unpack(stored: dict[str, torch.Tensor], number: int, reader: Reader) -> talk.TalkModel:
    """A member as its stored weights say: what is measured and what Rust must equal."""
    prefix = f"{number}."
    named = {in_file: name for name, in_file in GATED.items()}
    own = {name.removeprefix(prefix): value.float() for name, value in stored.items() if name.startswith(prefix)}
    values = {named.get(name, name): value for name, value in own.items()}
    member = talk.TalkModel(reader)
    for name in JOINED[:2]:
        values |= {f"{name}{part}": torch.zeros_like(member.get_parameter(f"{name}{part}")) for part in ("weight", "bias")}
    values |= {f"{JOINED[2]}{part}": values.pop(f"acts.{part}") for part in ("weight", "bias")}
    member.load_state_dict(values)
    return member.eval()


def first_of(folder: pathlib.Path, reader: Reader) -> dict[str, torch.Tensor]:
    """The state of the first member in a model folder; of acts that it does not know it says that they are rare."""
    stored = load_file(folder / "talk.safetensors")
    labels = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["reading"]["labels"]["acts"]
    known = {(act["kind"], act["type"]): number for number, act in enumerate(labels)}
    for name, rare in (("0.acts.weight", 0.0), ("0.acts.bias", talk.RARE)):
        old = stored[name]
        stored[name] = torch.stack([old[known[act]] if act in known else torch.full_like(old[0], rare) for act in ACTS])
    return unpack(stored, 0, reader).state_dict()


def write_fixture(judged: list[dict], of_test: list[Talk], folder: pathlib.Path, say) -> None:
    """Talks with the numbers PyTorch gives for the stored weights: models/tests/fixtures/NAME-talks.json."""
    lines = lambda values: np.round(values.astype(float), 4).tolist()
    cases = []
    for one, out in list(zip(of_test, judged))[:: max(1, len(of_test) // FIXTURE_TALKS)][:FIXTURE_TALKS]:
        turns = [[row.speaker, row.text] for row in one.rows]
        logits = {name: lines(values.reshape(len(turns), -1) if name == "answers" else values) for name, values in out.items()}
        cases.append({"turns": turns} | logits)
    target = dataset.MODELS / "tests" / "fixtures" / f"{folder.name}-talks.json"
    target.write_text("[\n" + ",\n".join(json.dumps(c, ensure_ascii=False) for c in cases) + "\n]\n", encoding="utf-8")
    say(f"{len(cases)} talks with PyTorch's numbers in {target.name}")
