"""YAML of other trainers and launchers of reinforcement learning: read, or refused by their name."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.formats import NamedRefusal, read_configuration, write_configuration
from mitsumori.model.plan.plan import Plan
from tests.model.formats_read import imported

VERL = ("python3 -m verl.trainer.main_ppo algorithm.adv_estimator=grpo data.train_batch_size=512 "
        "actor_rollout_ref.actor.fsdp_config.param_offload=False actor_rollout_ref.rollout.tensor_model_parallel_size=2 "
        "actor_rollout_ref.rollout.name=vllm trainer.n_gpus_per_node=8 trainer.nnodes=1")  # fmt: skip
VERL_CORE = ("python3 -m verl.trainer.main_ppo --config-name=ppo_megatron_trainer algorithm.adv_estimator=grpo "
             "data.train_batch_size=512 actor_rollout_ref.actor.megatron.tensor_model_parallel_size=2 "
             "actor_rollout_ref.actor.megatron.pipeline_model_parallel_size=4 "
             "actor_rollout_ref.rollout.tensor_model_parallel_size=8 trainer.n_gpus_per_node=8 trainer.nnodes=4")  # fmt: skip
NEOX = ('{"pipe-parallel-size":1,"model-parallel-size":4,"num-layers":36,"hidden-size":5120,"num-attention-heads":40,'
        '"seq-length":2048,"zero_optimization":{"stage":1},"train_micro_batch_size_per_gpu":8,"optimizer":{"type":"Adam"},'
        '"fp16":{"enabled":true}}')  # fmt: skip
NEOX_2 = ('{"pipe_parallel_size": 4, "model_parallel_size": 2, "num_layers": 44, "hidden_size": 6144, "num_attention_heads": 64,'
          ' "seq_length": 2048, "train_micro_batch_size_per_gpu": 4, "gas": 32, "zero_optimization": {"stage": 1}}')  # fmt: skip
READ: list[tuple[str, str, dict[str, object]]] = [
    ("verl", VERL, {"workload.stage": "grpo", "parallel.tp": 1, "parallel.zero_stage": 3, "gpus": 8,
                    "parallel.global_batch": 512}),
    ("verl megatron", VERL_CORE, {"parallel.tp": 2, "parallel.pp": 4, "gpus": 32, "workload.stage": "grpo"}),
    ("neox", NEOX, {"parallel.tp": 4, "parallel.zero_stage": 1, "model.architecture.layers": 36, "parallel.precision": "fp16"}),
    ("neox 2", NEOX_2, {"parallel.tp": 2, "parallel.pp": 4, "parallel.zero_stage": 1, "parallel.micro_batch": 4,
                        "model.architecture.layers": 44}),
    ("ci", "MODEL_ARGS:\n  --num-layers: 12\n  --hidden-size: 512\n  --num-attention-heads: 8\n"
           "  --tensor-model-parallel-size: 2\n  --seq-length: 1024\n  --micro-batch-size: 4\n  --global-batch-size: 32\n",
     {"parallel.tp": 2, "model.architecture.layers": 12, "model.architecture.hidden": 512, "parallel.micro_batch": 4,
      "parallel.global_batch": 32}),
    ("nemo 1", "trainer: {num_nodes: 16, devices: 8, precision: bf16}\nmodel: {micro_batch_size: 1, global_batch_size: 1024, "
               "tensor_model_parallel_size: 8, pipeline_model_parallel_size: 4, encoder_seq_length: 4096, num_layers: 80, "
               "hidden_size: 8192}\n",
     {"gpus": 128, "parallel.tp": 8, "parallel.pp": 4, "parallel.micro_batch": 1, "parallel.global_batch": 1024,
      "parallel.seq_len": 4096, "parallel.precision": "bf16", "model.architecture.layers": 80}),
    ("bridge", "model: {tensor_model_parallel_size: 2}\ntrain: {global_batch_size: 128, micro_batch_size: 1, train_iters: 1000}\n",
     {"parallel.tp": 2, "parallel.micro_batch": 1, "parallel.global_batch": 128}),
    ("accelerate", "distributed_type: FSDP\nmixed_precision: bf16\nnum_machines: 2\nnum_processes: 16\n"
                   "fsdp_config: {fsdp_sharding_strategy: FULL_SHARD, fsdp_activation_checkpointing: true}\n",
     {"gpus": 16, "parallel.zero_stage": 3, "parallel.precision": "bf16", "parallel.recompute": "full"}),
    ("axolotl", "base_model: example/8b\nadapter: lora\nlora_r: 16\nsequence_len: 4096\nmicro_batch_size: 1\n"
                "gradient_accumulation_steps: 8\ndeepspeed: zero3_bf16.json\ngradient_checkpointing: true\n",
     {"workload.stage": "lora", "workload.lora_rank": 16, "parallel.seq_len": 4096, "parallel.micro_batch": 1,
      "parallel.zero_stage": 3, "parallel.recompute": "full"}),
    ("llama-factory", "stage: sft\nfinetuning_type: lora\nlora_rank: 8\ncutoff_len: 2048\nper_device_train_batch_size: 1\n"
                      "gradient_accumulation_steps: 8\nbf16: true\ndeepspeed: ds_z3_config.json\n",
     {"workload.stage": "lora", "workload.lora_rank": 8, "parallel.seq_len": 2048, "parallel.micro_batch": 1,
      "parallel.zero_stage": 3, "parallel.precision": "bf16"}),
    ("torchtune", "model: {_component_: torchtune.models.llama3_1.lora_llama3_1_8b, lora_rank: 8}\n"
                  "tokenizer: {max_seq_len: 8192}\nbatch_size: 2\ndtype: bf16\nenable_activation_checkpointing: True\n",
     {"model.preset": "llama3.1-8b", "workload.stage": "lora", "workload.lora_rank": 8, "parallel.seq_len": 8192,
      "parallel.micro_batch": 2, "parallel.recompute": "full"}),
    ("openrlhf", "deepspeed --module openrlhf.cli.train_sft --max_len 2048 --train_batch_size 256 --micro_train_batch_size 2 "
                 "--zero_stage 2 --param_dtype bf16 --gradient_checkpointing",
     {"workload.stage": "sft", "parallel.seq_len": 2048, "parallel.micro_batch": 2, "parallel.global_batch": 256,
      "parallel.zero_stage": 2, "parallel.precision": "bf16", "parallel.recompute": "full"}),
    ("torchtitan", "torchrun --nproc_per_node=8 -m torchtitan.train --module llama3 --config llama3_70b "
                   "--parallelism.tensor_parallel_degree 8 --training.seq_len 8192",
     {"model.preset": "llama3.1-70b", "parallel.tp": 8, "parallel.seq_len": 8192, "parallel.zero_stage": 3, "gpus": 8}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), [row[1:] for row in READ], ids=[row[0] for row in READ])
def test_settings_of_other_trainers(text: str, wanted: dict[str, object]) -> None:
    document = imported(text).document(Plan().with_values({"parallel.global_batch": None}))
    for path, value in wanted.items():
        have = document["gpus"] if path == "gpus" else document["read"].get(path, document["assumed"].get(path))
        assert have == value, path


def test_the_layout_of_the_rollout_stays_its_own() -> None:
    left = imported(VERL).document(Plan().with_values({"parallel.global_batch": None}))["left_aside"]
    assert left["actor_rollout_ref.rollout.tensor_model_parallel_size"] == "2"


def test_maxtext_is_counted() -> None:
    found = imported("base_emb_dim: 8192\nbase_num_query_heads: 64\nbase_num_kv_heads: 8\nbase_mlp_dim: 28672\n"
                     "base_num_decoder_layers: 80\nhead_dim: 128\nvocab_size: 128256\nper_device_batch_size: 4\n"
                     "max_target_length: 8192\nremat_policy: full\n")  # fmt: skip
    document = found.document(Plan().with_values({"parallel.global_batch": None}))
    assert document["params"] == pytest.approx(70.6e9, rel=0.002)
    assert document["read"]["parallel.recompute"] == "full" and document["read"]["parallel.zero_stage"] == 3


@pytest.mark.parametrize(("text", "named"), [
    ('{"peft_type":"LORA","r":16,"base_model_name_or_path":"example/base"}', "rank 16.*example/base"),
    ('{"dim":5120,"n_layers":40,"n_heads":40,"n_kv_heads":10,"vocab_size":100352}', "params.json.*multiple_of"),
    ('{"producer":{"name":"modelopt"},"quantization":{"quant_algo":"FP8"}}', "hf_quant_config"),
    ("vllm serve example/8b --tensor-parallel-size 8", "vLLM"),
    (b"GGUF\x03\x00\x00\x00", "GGUF"),
    ("train: {global_batch_size: null}\nmodel: {}\n", "nothing in it"),
])  # fmt: skip
def test_what_is_recognised_and_not_taken_is_refused_by_name(text: str | bytes, named: str) -> None:
    with pytest.raises(NamedRefusal, match=named) as refused:
        read_configuration(text)
    assert refused.value.text("ja") != str(refused.value)


TARGET = json.loads((Path(__file__).parent / "fixtures" / "targets" / "torchtitan.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("preset", ["llama3.1-70b", "qwen3-0.6b", "deepseek-v3", "gpt-oss-120b", "bloom-176b"])
@pytest.mark.parametrize(
    "changes", [{}, {"parallel.pp": 2, "parallel.vp": 2, "parallel.tp": 4}, {"parallel.zero_stage": 3}]
)
def test_torchtitans_own_parser_has_every_flag_that_is_written(preset: str, changes: dict[str, int]) -> None:
    """Names of torchtitan's own configuration classes, kept with the commits that they were read from."""
    plan = Plan().with_values({
        "model.preset": preset, "cluster.servers": 8, "parallel.auto": False, "parallel.global_batch": 64,
        "parallel.micro_batch": 1, "parallel.zero_stage": 1, "parallel.seq_len": 4096, "parallel.precision": "bf16", **changes,
    })  # fmt: skip
    written = write_configuration(plan, {}, "torchtitan")
    flags = re.findall(r"--(?:no-)?(training|parallelism)\.(?:no-)?([\w]+)", written)
    assert len(flags) >= 9
    assert all(name in TARGET["names"][section] for section, name in flags), flags
    module, config = re.search(r"--module (\S+) --config (\S+)", written).groups()  # type: ignore[union-attr]
    assert (module, config) == ("MODULE", "CONFIG") or f"{module}.{config}" in TARGET["names"]["configurations"]
    assert "local_batch_size" not in written and "flavor" not in written
    again = read_configuration(written.encode(), "run.sh", Catalogue.shipped()).apply(Plan())
    for path in ("tp", "pp", "cp", "ep", "micro_batch", "global_batch", "seq_len"):
        assert again.value(f"parallel.{path}") == plan.value(f"parallel.{path}"), path
