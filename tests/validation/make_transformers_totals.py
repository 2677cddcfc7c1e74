"""Makes ``transformers_totals.json.gz``: what transformers itself counts for configurations that its own classes write.

Run in an environment of its own (torch comes with gigabytes of CUDA and stays out of the tests):
``pip install torch transformers==VERSION`` with the version of constraints.txt, and
``python tests/validation/make_transformers_totals.py``. For every decoder of
``AutoModelForCausalLM`` and every model of ``AutoModelForImageTextToText`` (with sizes drawn for both of its parts): the class's
defaults, and some sets of sizes drawn with a seed; the model is built on torch's meta
device, which holds no weights, and its parameters are counted once each.
"""

from __future__ import annotations

import gzip
import json
import random
import signal
import sys
import warnings
from pathlib import Path
from typing import Any

OUT = Path(__file__).with_name("transformers_totals.json.gz")
DRAWS = 3
SECONDS = 60
LAYERS = ("num_hidden_layers", "n_layer", "n_layers", "num_layers")
HEADS = ("num_attention_heads", "n_head", "n_heads", "num_heads")
GROUPS = ("num_key_value_heads", "n_kv_heads", "num_kv_heads")
HIDDEN = ("hidden_size", "n_embd", "d_model")
WIDTHS = (
    "intermediate_size",
    "moe_intermediate_size",
    "n_inner",
    "ffn_dim",
    "ffn_hidden_size",
    "shared_expert_intermediate_size",
    "intermediate_size_mlp",
)
EXPERTS = ("num_experts", "num_local_experts", "n_routed_experts", "moe_num_experts")
TOPK = ("num_experts_per_tok", "moe_k", "moe_topk")
STATES = ("state_size", "mamba_d_state", "ssm_state_size")
NEEDED: dict[str, dict[str, Any]] = {
    "deepseek_v2": {"num_experts_per_tok": 6},
    "dots1": {"n_routed_experts": 128, "n_shared_experts": 2, "num_experts_per_tok": 6},
    "hunyuan_v1_dense": {"head_dim": 128},
    "hunyuan_v1_moe": {"head_dim": 128, "num_experts": 16, "moe_topk": 2},
    "ministral": {"head_dim": 128},
    "nemotron": {"num_key_value_heads": 48},
    "nemotron_h": {"layers_block_type": ["linear_attention", "moe", "full_attention", "moe"]},
    "lfm2_moe": {"layer_types": (["conv", "conv", "full_attention"] * 11)[:32]},
}
"""What a class has no default for, or a default with which it cannot be built or has none of its kinds of layers."""


def drawn(config: dict[str, Any], dice: random.Random) -> dict[str, Any]:
    """Other sizes for the keys that a configuration has."""
    heads = dice.choice([4, 8, 12, 16, 32])
    size = config.get("head_dim") if isinstance(config.get("head_dim"), int) else dice.choice([64, 128])
    changes: dict[str, Any] = {}

    def put(names: tuple[str, ...], value: Any) -> None:
        for name in names:
            if isinstance(config.get(name), int):
                changes[name] = value

    put(LAYERS, dice.randint(3, 40))
    put(HEADS, heads)
    put(GROUPS, dice.choice([g for g in (1, 2, 4, 8, heads) if heads % g == 0]))
    put(HIDDEN, heads * size)
    for name in WIDTHS:
        put((name,), 64 * dice.randint(8, 200))
    put(EXPERTS, dice.choice([8, 16, 64]))
    put(TOPK, dice.choice([1, 2, 4]))
    put(("vocab_size",), dice.randint(1000, 200_000))
    put(("pad_token_id",), 0)
    put(STATES, dice.choice([16, 64, 128]))
    keys = dice.choice([4, 8, 16])
    put(("linear_num_key_heads", "linear_num_heads"), keys)
    put(("linear_num_value_heads",), keys * dice.choice([1, 2]))
    put(("linear_key_head_dim", "linear_head_dim"), dice.choice([64, 128]))
    put(("linear_value_head_dim",), dice.choice([64, 128]))
    if isinstance(config.get("tie_word_embeddings"), bool):
        changes["tie_word_embeddings"] = dice.random() < 0.5
    return changes


def fitting(kind: str, arguments: dict[str, Any], dice: random.Random) -> dict[str, Any]:
    """The sizes that a family's class checks against each other."""
    layers = next((arguments[name] for name in LAYERS if name in arguments), 0)
    if kind == "mamba2":
        arguments["num_heads"] = 2 * arguments["hidden_size"] // 64
    elif kind == "gpt_neo":
        arguments |= {"num_layers": 2 * layers, "attention_types": [[["global", "local"], layers]]}
    elif kind in ("lfm2", "lfm2_moe"):
        arguments["layer_types"] = [dice.choice(["conv", "conv", "full_attention"]) for _ in range(layers)]
    elif kind == "nemotron_h":
        arguments.pop("num_hidden_layers", None)
        block = dice.choice(["moe", "mlp"])
        arguments["layers_block_type"] = ["linear_attention", block, "full_attention", block] * max(1, layers // 4)
        arguments["num_attention_heads"] = arguments["num_key_value_heads"] * dice.choice([1, 4])
    elif kind in ("mamba", "falcon_mamba"):
        arguments |= {"intermediate_size": 2 * arguments["hidden_size"]}
    elif kind == "jamba":
        arguments |= {"mamba_dt_rank": "auto", "hidden_size": 128 * (arguments["hidden_size"] // 128)}
    return arguments


def parts_drawn(whole: dict[str, Any], dice: random.Random) -> dict[str, Any]:
    """Other sizes for the language model and the vision tower of a multimodal configuration."""
    found: dict[str, Any] = {}
    text, tower = whole.get("text_config"), whole.get("vision_config")
    if isinstance(text, dict):
        changes = drawn(text, dice)
        found["text_config"] = {**changes, "model_type": text.get("model_type")}
        if "hidden_size" in changes and isinstance(tower, dict) and isinstance(tower.get("out_hidden_size"), int):
            found["vision_config"] = {"out_hidden_size": changes["hidden_size"]}
    if isinstance(tower, dict):
        size = dice.choice([64, 80])
        heads, sizes = dice.choice([8, 12, 16]), found.setdefault("vision_config", {})
        sizes["model_type"] = tower.get("model_type")
        for name, value in (
            ("num_hidden_layers", dice.randint(3, 30)), ("depth", dice.randint(3, 30)), ("num_attention_heads", heads),
            ("num_heads", heads), ("hidden_size", heads * size), ("embed_dim", heads * size), ("intermediate_size", 64 * dice.randint(20, 90)),
        ):  # fmt: skip
            if isinstance(tower.get(name), int):
                sizes[name] = value
    return {key: {k: v for k, v in part.items() if v is not None} for key, part in found.items()}


def count(kind: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """The parameters of the model that a class makes of some arguments."""
    import torch
    from transformers import AutoModelForCausalLM, AutoModelForImageTextToText
    from transformers.models.auto.configuration_auto import CONFIG_MAPPING
    from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES

    config = CONFIG_MAPPING[kind](**arguments)
    builder = AutoModelForCausalLM if kind in MODEL_FOR_CAUSAL_LM_MAPPING_NAMES else AutoModelForImageTextToText
    with torch.device("meta"):
        model = builder.from_config(config)
    total = sum(part.numel() for part in model.parameters())  # a tied matrix is listed once
    return {"type": kind, "class": type(model).__name__, "arguments": arguments, "params": total}


def main() -> None:
    """Count every family, with a limit of time each."""
    import torch
    import transformers
    from transformers.models.auto.configuration_auto import CONFIG_MAPPING
    from transformers.models.auto.modeling_auto import (
        MODEL_FOR_CAUSAL_LM_MAPPING_NAMES,
        MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES,
    )

    warnings.filterwarnings("ignore")
    transformers.logging.set_verbosity_error()

    def stop(*_: object) -> None:
        raise TimeoutError

    signal.signal(signal.SIGALRM, stop)
    dice, entries, failed = random.Random(20261130), [], []
    seeing = sorted(set(MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES) - set(MODEL_FOR_CAUSAL_LM_MAPPING_NAMES))
    for kind in [*sorted(MODEL_FOR_CAUSAL_LM_MAPPING_NAMES), *seeing]:
        for number in range(1 + DRAWS):
            signal.alarm(SECONDS)
            arguments: dict[str, Any] = dict(NEEDED.get(kind, {}))
            try:
                if number:
                    whole = json.loads(CONFIG_MAPPING[kind](**arguments).to_json_string(use_diff=False))
                    sizes = parts_drawn(whole, dice) if kind in seeing else drawn(whole, dice)
                    arguments = fitting(kind, arguments | sizes, dice)
                entries.append(count(kind, arguments))
            except Exception as error:  # a class that cannot be built alone is no judge
                failed.append([kind, number, f"{type(error).__name__}: {str(error)[:80]}"])
            finally:
                signal.alarm(0)
    document = {
        "versions": {"transformers": transformers.__version__, "torch": torch.__version__},
        "entries": entries,
        "not_built": failed,
    }
    OUT.write_bytes(gzip.compress(json.dumps(document, separators=(",", ":")).encode(), mtime=0))
    sys.stdout.write(
        f"{len(entries)} configurations of {len({e['type'] for e in entries})} families, {len(failed)} not built\n"
    )


if __name__ == "__main__":
    main()
