"""DeepSpeed configurations (JSON), in and out.

Keys: https://www.deepspeed.ai/docs/config-json/ . ``"auto"`` (filled in by the Hugging Face Trainer) is not said.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from mitsumori.model.formats.choice import Choice
from mitsumori.model.formats.imported import Imported
from mitsumori.model.formats.reading import Reading, flattened

KNOWN: Final = frozenset({
    "zero_optimization", "train_micro_batch_size_per_gpu", "train_batch_size", "gradient_accumulation_steps",
    "zero_allow_untested_optimizer",
    "activation_checkpointing", "bf16", "bfloat16", "fp16", "gradient_clipping", "steps_per_print", "wall_clock_breakdown",
    "prescale_gradients", "scheduler", "tensor_parallel", "communication_data_type", "zero_force_ds_cpu_optimizer",
})  # fmt: skip
_IGNORED: Final = re.compile(
    r"^(gradient_clipping|steps_per_print|wall_clock_breakdown|prescale_gradients|gradient_predivide_factor|dump_state"
    r"|communication_data_type|zero_allow_untested_optimizer|zero_force_ds_cpu_optimizer|sparse_gradients|memory_breakdown"
    r"|disable_allgather|seq_parallel_communication_data_type|data_types(\.\w+)?"
    r"|scheduler(\..+)?|optimizer\.params(\..+)?|optimizer\.legacy_fusion|tensorboard\..+|wandb\..+|csv_monitor\..+|comet\..+"
    r"|flops_profiler(\..+)?|comms_logger\..+|checkpoint\..+|aio\..+|fp16\.(?!enabled).+|bf16\.(?!enabled).+|bfloat16\.(?!enabled).+"
    r"|activation_checkpointing\.(?!cpu_checkpointing).+|zero_optimization\.(?!stage$|offload|cpu_offload|zero_quantized|zero_hpz"
    r"|mics).+|zero_optimization\.offload_(optimizer|param)\.(?!device$).+|zero_optimization\.mics_hierarchical_params_gather"
    r"|elasticity\.enabled|autotuning\.enabled)$"
)
_OPTIMIZERS: Final = {
    "adam": "adam", "adamw": "adam", "fusedadam": "adam", "cpuadam": "adam", "deepspeedcpuadam": "adam", "adam8bit": "adam8bit",
    "adamw8bit": "adam8bit", "sgd": "sgd", "muon": "muon", "adafactor": "adafactor",
}  # fmt: skip


def recognised(data: Mapping[str, Any]) -> int:
    """How many of DeepSpeed's top-level keys a JSON object has."""
    return len(KNOWN & set(data))


def read(data: Mapping[str, Any]) -> Imported:
    """Read a parsed configuration; it describes no model."""
    flat = flattened(data)
    auto = [key for key, value in flat.items() if isinstance(value, str) and value.lower() == "auto"]
    reading = Reading({key: value for key, value in flat.items() if key not in auto}, _IGNORED)
    left = [key for key in auto if not _IGNORED.search(key)]
    if left:
        reading.remark("auto_values", names=", ".join(left[:12]))
    legacy = data.get("zero_optimization")
    if isinstance(legacy, bool):
        # before stages existed, true was stage 1
        reading.raw("zero_optimization")
        reading.values["parallel.zero_stage"] = int(legacy)
    elif "zero_optimization.stage" in auto:
        pass
    else:
        reading.put("parallel.zero_stage", reading.integer("zero_optimization.stage"))
        reading.default("parallel.zero_stage", 0)
    _precision(reading, auto)
    reading.choice("parallel.optimizer", ("optimizer.type",), _OPTIMIZERS)
    _offload(reading)
    tp = reading.integer("tensor_parallel.autotp_size", "tensor_parallel.tp_size", least=0)
    reading.put("parallel.tp", max(1, tp) if tp is not None else None)
    reading.put("parallel.cp", reading.integer("sequence_parallel_size", least=1))
    for field in ("tp", "pp", "cp"):
        reading.default(f"parallel.{field}", 1)
    reading.values["parallel.stack"] = "deepspeed"
    _batch(reading)
    return reading.finish("deepspeed")


def _precision(reading: Reading, auto: list[str]) -> None:
    bf16, fp16 = reading.flag("bf16.enabled", "bfloat16.enabled"), reading.flag("fp16.enabled")
    if reading.flag("torch_autocast.enabled") and (reading.word("torch_autocast.dtype") or "bfloat16") == "bfloat16":
        bf16 = True
    if bf16 or fp16:
        reading.values["parallel.precision"] = "bf16" if bf16 else "fp16"
    elif not any(key in auto for key in ("bf16.enabled", "bfloat16.enabled", "fp16.enabled")):
        reading.default("parallel.precision", "fp32")


def _offload(reading: Reading) -> None:
    """``cpu`` and ``nvme`` both leave the GPU; ``cpu_checkpointing`` moves the saved inputs of recomputed layers."""
    where = reading.word("zero_optimization.offload_optimizer.device")
    legacy = reading.flag("zero_optimization.cpu_offload")
    parameters = reading.word("zero_optimization.offload_param.device")
    checkpoints = reading.flag("activation_checkpointing.cpu_checkpointing")
    parts = {"optimizer": where in ("cpu", "nvme") or legacy, "parameters": parameters in ("cpu", "nvme"),
             "checkpoints": checkpoints}  # fmt: skip
    if any(parts.values()):
        reading.values["parallel.offload"] = ",".join(part for part, on in parts.items() if on)
    elif where == "none" or parameters == "none" or legacy is False or checkpoints is False:
        reading.values["parallel.offload"] = "none"
    reading.default("parallel.offload", "none")
    if where not in (None, "cpu", "nvme", "none"):
        reading.not_known("zero_optimization.offload_optimizer.device", where)
    if parameters not in (None, "cpu", "nvme", "none"):
        reading.not_known("zero_optimization.offload_param.device", parameters)


def _batch(reading: Reading) -> None:
    """``train_batch_size = micro * accumulation * replicas``: two and the replicas give the third, three the GPUs."""
    micro = reading.integer("train_micro_batch_size_per_gpu", least=1)
    steps = reading.integer("gradient_accumulation_steps", least=1)
    whole = reading.integer("train_batch_size", least=1)
    reading.put("parallel.micro_batch", micro)
    reading.put("parallel.global_batch", whole)
    if micro is not None and steps is not None and whole is not None:
        replicas, rest = divmod(whole, micro * steps)
        if rest or not replicas:
            reading.remark("batch_uneven", whole=whole, micro=micro, steps=steps)
            return
        split = reading.values["parallel.tp"] * reading.values["parallel.cp"] * reading.values["parallel.pp"]
        reading.accelerators = replicas * split
        reading.remark("gpus_of_batch", gpus=reading.accelerators, whole=whole, micro=micro, steps=steps)
    elif steps is not None and whole is None:
        reading.remark("accumulation_alone", steps=steps)


def write(choice: Choice) -> str:
    """The chosen ZeRO stage, batch, precision and offloading as DeepSpeed JSON.

    Pipeline stages, experts, recomputation, length and steps are the training script's own in DeepSpeed.
    """
    par = choice.par
    zero: dict[str, Any] = {"stage": par.zero_stage}
    parts = set(par.offload.split(","))
    if "optimizer" in parts:
        zero["offload_optimizer"] = {"device": "cpu", "pin_memory": True}
    if "parameters" in parts:
        zero["offload_param"] = {"device": "cpu", "pin_memory": True}
    if "activations" in parts:
        choice.without("offload")
    if par.zero_stage:
        zero |= {"overlap_comm": True, "contiguous_gradients": True}
    data: dict[str, Any] = {
        "train_batch_size": choice.global_batch,
        "train_micro_batch_size_per_gpu": par.micro_batch,
        "gradient_accumulation_steps": choice.accumulation,
    }
    if par.precision in ("bf16", "fp16"):
        data[par.precision] = {"enabled": True}
    elif par.precision != "fp32":
        data["bf16"] = {"enabled": True}
        choice.without("precision")
    data["zero_optimization"] = zero
    names = {"adam": "AdamW", "muon": "Muon", "sgd": "SGD", "adafactor": "Adafactor"}
    if par.optimizer in names:
        data["optimizer"] = {"type": names[par.optimizer]}
    else:
        # neither DeepSpeed's nor torch.optim's: the training script hands it over
        data["zero_allow_untested_optimizer"] = True
        choice.without("optimizer")
    if "checkpoints" in parts:
        data["activation_checkpointing"] = {"partition_activations": False, "cpu_checkpointing": True}
    if par.tp > 1:
        data["tensor_parallel"] = {"autotp_size": par.tp}
    if par.cp > 1:
        data["sequence_parallel_size"] = par.cp
    choice.left_out.extend(["model", "workload.tokens"])
    choice.without("seq_len", "recompute")
    for name, off in (("pp", 1), ("vp", 1), ("ep", 1), ("etp", 1)):
        if getattr(par, name) != off:
            choice.without(name)
    if par.tp > 1:
        choice.without("sp")
    if par.pp > 1:
        choice.left_out.append("cluster.servers")  # the batch tells the replicas, and stages are the script's
    return json.dumps(data, indent=2) + "\n"
