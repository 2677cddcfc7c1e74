"""Commands that start an inference server: vLLM, SGLang and TensorRT-LLM, read into ``plan.serving``.

Options: https://docs.vllm.ai/en/latest/cli/serve.html, https://docs.sglang.ai (``server_arguments``) and
https://nvidia.github.io/TensorRT-LLM (``trtllm-serve``). A plan counts attention ranks of one group (``tp``) and groups
(``dp_attention``), which together with the stages make a replica; SGLang's and TensorRT-LLM's ``tp`` is that of the whole
replica, vLLM's is that of one group.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.formats.imported import Imported, NamedRefusal
from mitsumori.model.formats.reading import Reading
from mitsumori.model.formats.shapes import preset_named
from mitsumori.model.formats.shell import script_of

TOOLS: Final = {
    "vLLM": (r"\bvllm\s+serve\b|vllm\.entrypoints|\bvllm\s+bench\b", "vllm"),
    "SGLang": (r"sglang\.launch_server|\bsglang\s+serve\b", "sglang"),
    "TensorRT-LLM": (r"\btrtllm-(serve|build|bench)\b", "trtllm"),
}
"""What a command line is known by, and the engine's name in a plan."""
_SHORT: Final = {"tp": "tensor_parallel_size", "pp": "pipeline_parallel_size", "dp": "data_parallel_size", "q": "quantization",
                 "ep": "expert_parallel_size", "tp_size": "tensor_parallel_size", "pp_size": "pipeline_parallel_size",
                 "dp_size": "data_parallel_size", "ep_size": "expert_parallel_size", "model_path": "model"}  # fmt: skip
_IGNORED: Final = re.compile(
    r"(^|_)(host|port|api|served|trust|log|chat|tool|reasoning|uvicorn|seed|download|load|tokenizer|metrics|disable_log|enable_"
    r"(auto|metrics|log)|dist|node_rank|nnodes|watchdog|warmup|revision|hf|max_batch_size|max_num_tokens|backend|random|allowed|"
    r"root|ssl|enable_request|show)"
)
_WEIGHTS: Final = (
    ("nvfp4", r"nvfp4|modelopt_fp4|fp4(?!.*mx)"), ("mxfp4", r"mxfp4"), ("fp8", r"fp8|modelopt$|w8a8_fp8"),
    ("int4", r"awq|gptq|int4|w4a16"),
)  # fmt: skip


def read(text: str, tool: str, catalogue: Catalogue) -> Imported:
    """Read a command that serves a model.

    Parameters
    ----------
    text
        The file's content, its lines ended by line feeds.
    tool
        A key of :data:`TOOLS`.
    catalogue
        The records, for the model that the command names.

    Raises
    ------
    Refusal
        Where no command line of the tool's server is found, or a value is not accepted.
    """
    pattern, engine = TOOLS[tool]
    script = script_of(text)
    words = next((words for words in script.commands if re.search(pattern, " ".join(words))), None)
    if words is None or re.search(r"(vllm\s+|trtllm-)(bench|build)\b", " ".join(words)):
        raise NamedRefusal("serving_command", tool=tool)
    if "trtllm-serve" in words and words[words.index("trtllm-serve") + 1 :][:1] == ["serve"]:
        words = [word for word in words if word != "serve"]  # its command, not the model's name
    options, named = _options(words)
    servers = {tuple(words) for words in script.commands if re.search(pattern, " ".join(words))}
    reading = Reading({key: value for key, value in options.items() if "$" not in str(value)}, _IGNORED)
    reading.values |= {"serving.enabled": True, "serving.engine": engine}
    still = {key: str(value) for key, value in options.items() if key not in reading.data and not _IGNORED.search(key)}
    for key, value in still.items():
        reading.not_known(key, value)
    if any(key.endswith("parallel_size") for key in still):
        reading.remark("unresolved", names=", ".join(f"--{key.replace('_', '-')}" for key in still))
    else:
        reading.values["serving.auto"] = False
        _layout(reading, engine)
    if len(servers) > 1:
        reading.remark("several_servers", count=len(servers))
    name = str(reading.raw("model") or named or "")
    _precision(reading, name)
    _speculation(reading, catalogue)
    if (mode := reading.word("disaggregation_mode")) not in (None, "null", "none"):
        reading.values["serving.disaggregated"] = True
        reading.remark("serving_one_side", mode=mode)
    if (file := reading.raw("extra_llm_api_options", "config")) is not None:
        reading.remark("sourced", names=str(file))
    reading.model_named(name or None, catalogue)
    found = reading.finish(tool)
    return replace(found, missing=tuple(path for path in found.missing if path == "model"))


def command_of(settings: Mapping[str, Any]) -> str | None:
    """The command that a settings file of vLLM or SGLang (``--config FILE``) stands for; None for another file.

    Parameters
    ----------
    settings
        The parsed YAML: the server's options without their dashes.

    Raises
    ------
    Refusal
        For TensorRT-LLM's settings, which name no model.
    """
    said = {str(key).replace("_", "-"): value for key, value in settings.items()}
    if {"kv-cache-config", "enable-attention-dp", "moe-expert-parallel-size"} & set(said):
        raise NamedRefusal("recognised_only", what="TensorRT-LLM YAML", instead="trtllm-serve")
    if not {"tensor-parallel-size", "tp-size", "max-model-len", "context-length", "gpu-memory-utilization"} & set(said):
        return None
    program = "sglang serve" if "model-path" in said else "vllm serve" if "model" in said else None
    if program is None:
        return None
    words = [
        f"--{key}" if value is True else f"--{key}={shlex.quote(str(value))}"
        for key, value in said.items()
        if value not in (None, False) and not isinstance(value, dict | list)
    ]
    return f"{program} {' '.join(words)}"


def _options(words: list[str]) -> tuple[dict[str, Any], str | None]:
    """Options with underscores, short spellings made long, and the model that stands without one."""
    found: dict[str, Any] = {}
    named: str | None = None
    at = (
        next((i for i, word in enumerate(words) if re.search(r"serve$|launch_server|api_server|entrypoints", word)), 0)
        + 1
    )
    while at < len(words):
        word = words[at]
        following = words[at + 1] if at + 1 < len(words) else "--end"
        if match := re.fullmatch(r"--?([A-Za-z][\w-]*)(?:=(.*))?", word, re.DOTALL):
            name = match.group(1).replace("-", "_")
            value = match.group(2)
            if value is None and not re.match(r"--?[A-Za-z]", following):
                value, at = following, at + 1
            found[_SHORT.get(name, name)] = True if value is None else value
        elif named is None:
            named = word
        at += 1
    return found, named


def _layout(reading: Reading, engine: str) -> None:
    tp = reading.integer("tensor_parallel_size", least=1) or 1
    pp = reading.integer("pipeline_parallel_size", least=1) or 1
    dp = reading.integer("data_parallel_size", least=1) or 1
    ep = reading.integer("expert_parallel_size", least=1) or 1
    grouped = dp > 1
    if engine == "vllm":
        whole = reading.flag("enable_expert_parallel") is True
        ep, grouped = (tp * dp if whole else 1), dp > 1 and whole
    elif engine == "sglang":
        grouped = reading.flag("enable_dp_attention") is True and dp > 1
        spread = reading.flag("enable_deepep_moe", "enable_ep_moe") or (
            reading.word("moe_a2a_backend") not in (None, "none")
        )
        ep = tp if spread else ep  # its own rule: experts over all ranks of the replica
        if grouped and tp % dp == 0:
            tp //= dp
    if dp > 1 and not grouped:
        reading.remark("serving_copies", count=dp)  # whole copies of the model: replicas, which the load decides
    values = {"tp": tp, "pp": pp, "ep": ep, "dp_attention": dp if grouped else 1}
    reading.values |= {f"serving.{name}": value for name, value in values.items()}
    reading.accelerators = tp * pp * dp


def _precision(reading: Reading, name: str) -> None:
    said = reading.word("quantization")
    for precision, pattern in _WEIGHTS:
        if re.search(pattern, said if said is not None else name.lower().rpartition("/")[2]):
            reading.values["serving.weight_precision"] = precision
            break
    else:
        if said is not None:
            reading.not_known("quantization", said)
    cache = reading.word("kv_cache_dtype")
    if cache is not None and cache != "auto":
        known = "fp8" if "fp8" in cache else "bf16" if cache in ("bfloat16", "bf16", "float16") else None
        reading.put("serving.kv_precision", known)
        if known is None:
            reading.not_known("kv_cache_dtype", cache)


def _speculation(reading: Reading, catalogue: Catalogue) -> None:
    """Drafts by the model's own heads (MTP, NextN) or by a model beside it, and how many tokens they draft.

    What EAGLE drafts with is named after the model that it was trained for, and is no model of the catalogue.
    """
    algorithm, given = reading.word("speculative_algorithm"), reading.raw("speculative_config")
    method, name = algorithm or "", reading.word("speculative_draft_model_path")
    steps = reading.integer("speculative_num_steps", least=1)
    if given is not None:
        try:
            config = json.loads(str(given))
        except ValueError:
            config = {}
        method = str(config.get("method") or ("draft" if config.get("model") else "")).lower()
        name, steps = str(config.get("model") or "") or None, config.get("num_speculative_tokens")
    if method:
        own = re.search(r"mtp|nextn|eagle", method) and (given is not None or name is None)
        reading.values["serving.speculative"] = "mtp" if own else "draft"
        record = None if own or name is None or "eagle" in method + name.lower() else preset_named(name, catalogue)
        if record is not None:
            reading.values["serving.draft_model"] = record.key
        if isinstance(steps, int) and 1 <= steps <= 16:
            reading.values["serving.draft_tokens"] = steps
