"""The peers of the comparison: the same weights in each one's own form."""
import math
import pathlib
import statistics
import time
from dataclasses import dataclass

import numpy as np
import torch
from safetensors.numpy import save_file
from tokenizers import Tokenizer

import base
import dataset
import export
import fit
from network import Reader


@dataclass
class Model:
    folder: pathlib.Path
    config: dict
    network: Reader
    tokenizer: Tokenizer


def model(work: pathlib.Path, layers: int) -> Model:
    """The base's first layers with its whole vocabulary: as safetensors for us, as a network for the peers."""
    work.mkdir(parents=True, exist_ok=True)
    container, tokenizer = base.fetch(work / "base")
    config, arrays = base.convert(container)
    config = config | {"num_hidden_layers": layers}
    kept = {k: v for k, v in arrays.items() if not k.startswith("encoder.layer.") or int(k.split(".")[2]) < layers}
    folder = work / f"compared-{layers}"
    folder.mkdir(exist_ok=True)
    save_file({k: np.ascontiguousarray(v, np.float32) for k, v in kept.items()}, folder / "model.safetensors")
    shape = {k: config[k] for k in export.SHAPE} | {"prefix": fit.PREFIX, "heads": []}
    export.write_json(folder / "config.json", shape)
    network = Reader(config)
    network.load_state_dict({k: torch.from_numpy(np.array(v, np.float32)) for k, v in kept.items()}, strict=False)
    return Model(folder, config, network.eval(), Tokenizer.from_file(str(tokenizer)))


def texts(model: Model, count: int) -> list[list[int]]:
    """Token ids of real messages."""
    rows = dataset.read("utterances-*.jsonl")
    step = len(rows) // count
    return [e.ids[:128] for e in model.tokenizer.encode_batch([fit.PREFIX + r["text"] for r in rows[::step]][:count])]


def ids(model: Model, chance, count: int) -> list[int]:
    return [0] + [chance.randrange(10, model.config["vocab_size"]) for _ in range(count - 2)] + [2]


class Pooled(torch.nn.Module):
    """The encoder as it is exported: ids and mask in, mean-pooled vectors out."""

    def __init__(self, network: Reader):
        super().__init__()
        self.network = network

    def forward(self, ids, mask):
        embeddings = self.network.embeddings
        places = torch.arange(ids.shape[1])[None]
        words = embeddings["word_embeddings"](ids) + embeddings["token_type_embeddings"](torch.zeros_like(ids))
        x = embeddings["LayerNorm"](words + embeddings["position_embeddings"](places))
        hidden = (1.0 - mask[:, None, None, :].to(torch.float32)) * torch.finfo(torch.float32).min
        for layer in self.network.encoder["layer"]:
            x = self.layer(layer, x, hidden)
        weight = mask[:, :, None].to(x.dtype)
        return (x * weight).sum(1) / weight.sum(1)

    def layer(self, layer, x, hidden):
        """Attention written out, in the pattern that optimisers of graphs know."""
        inner, out = layer.attention["self"], layer.attention["output"]
        size = inner["query"].out_features // layer.heads
        split = lambda name: inner[name](x).view(x.shape[0], x.shape[1], layer.heads, size).permute(0, 2, 1, 3)
        query, key, value = split("query"), split("key"), split("value")
        scores = torch.matmul(query, key.transpose(-1, -2)) / math.sqrt(size) + hidden
        seen = torch.matmul(torch.softmax(scores, -1), value).permute(0, 2, 1, 3).contiguous()
        seen = seen.view(x.shape[0], x.shape[1], layer.heads * size)
        x = out["LayerNorm"](out["dense"](seen) + x)
        wide = torch.nn.functional.gelu(layer.intermediate["dense"](x))
        return layer.output["LayerNorm"](layer.output["dense"](wide) + x)


def padded(texts) -> tuple[np.ndarray, np.ndarray]:
    longest = max(map(len, texts))
    ids = np.full((len(texts), longest), 1, np.int64)
    mask = np.zeros((len(texts), longest), np.int64)
    for row, text in enumerate(texts):
        ids[row, : len(text)], mask[row, : len(text)] = text, 1
    return ids, mask


class Peer:
    """An engine that computes padded batches."""

    def __init__(self, compute):
        self.compute = compute

    def time(self, texts) -> float:
        """Seconds of one computation; the median of as many as make up about 20 ms."""
        (first,) = self.times(texts, 1)
        return statistics.median(self.times(texts, max(1, min(50, int(0.02 / first)))))

    def times(self, texts, runs: int) -> list[float]:
        """Seconds of each of `runs` computations."""
        ids, mask = padded(texts)
        taken = []
        for _ in range(runs):
            began = time.perf_counter()
            self.compute(ids, mask)
            taken.append(time.perf_counter() - began)
        return taken

    def vectors(self, texts) -> np.ndarray:
        return np.concatenate([self.compute(*padded([text])) for text in texts])


def peers(model: Model, texts, threads: int) -> dict[str, Peer]:
    torch.set_num_threads(threads)
    pooled = Pooled(model.network).eval()

    @torch.inference_mode()
    def in_torch(ids, mask):
        return pooled(torch.from_numpy(ids), torch.from_numpy(mask)).numpy()

    plain = exported(pooled, model.folder / "model.onnx")
    return {
        "pytorch f32": Peer(in_torch),
        "onnxruntime f32": onnx_runtime(fused(plain, model), threads),
        "onnxruntime int8": onnx_runtime(dynamic(fused(plain, model)), threads),
        "openvino int8": openvino_int8(plain, texts, threads),
    }


def exported(pooled: Pooled, path: pathlib.Path) -> pathlib.Path:
    if not path.exists():
        ids = torch.ones((2, 16), dtype=torch.long)
        names = {"ids": {0: "batch", 1: "length"}, "mask": {0: "batch", 1: "length"}}
        torch.onnx.export(
            pooled, (ids, ids), str(path), input_names=["ids", "mask"], output_names=["vector"], dynamic_axes=names,
            opset_version=17, dynamo=False,
        )
    return path


def fused(plain: pathlib.Path, model: Model) -> pathlib.Path:
    """Attention, norms and GELU as single operations, by ONNX Runtime's optimiser for transformers."""
    path = plain.with_name("fused.onnx")
    if not path.exists():
        from onnxruntime.transformers import optimizer

        config = model.config
        done = optimizer.optimize_model(
            str(plain), model_type="bert", num_heads=config["num_attention_heads"], hidden_size=config["hidden_size"], opt_level=1
        )
        print("fused:", done.get_fused_operator_statistics(), flush=True)
        done.save_model_to_file(str(path))
    return path


def dynamic(path: pathlib.Path) -> pathlib.Path:
    out = path.with_name("dynamic.onnx")
    if not out.exists():
        from onnxruntime.quantization import QuantType, quantize_dynamic

        import onnx

        # Fused operations hide the types of what they give from shape inference.
        options = {"DefaultTensorType": onnx.TensorProto.FLOAT}
        quantize_dynamic(str(path), str(out), weight_type=QuantType.QInt8, per_channel=True, extra_options=options)
    return out


def onnx_runtime(path: pathlib.Path, threads: int) -> Peer:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return Peer(lambda ids, mask: session.run(None, {"ids": ids, "mask": mask})[0])


def openvino_int8(plain: pathlib.Path, texts, threads: int) -> Peer:
    import nncf
    import openvino

    path = plain.with_name("openvino.xml")
    core = openvino.Core()
    if not path.exists():
        samples = nncf.Dataset(texts, lambda text: dict(zip(("ids", "mask"), padded([text]))))
        done = nncf.quantize(core.read_model(str(plain)), samples, model_type=nncf.ModelType.TRANSFORMER, subset_size=200)
        openvino.save_model(done, str(path))
    settings = {"INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY"}
    compiled = core.compile_model(core.read_model(str(path)), "CPU", settings)
    request = compiled.create_infer_request()
    return Peer(lambda ids, mask: np.array(request.infer({"ids": ids, "mask": mask})[0]))


def versions() -> dict[str, str]:
    from importlib.metadata import version

    return {name: version(name) for name in ("onnxruntime", "openvino", "nncf", "torch")} | {"processor": processor()}


def processor() -> str:
    for line in pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.split(": ")[1]
    return "unknown"
