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
      "parallel.zero_stage": 3, "parallel.precision": "bf16", "parallel.recompute": "full"}),
    ("llama-factory", "stage: sft\nfinetuning_type: lora\nlora_rank: 8\ncutoff_len: 2048\nper_device_train_batch_size: 1\n"
                      "gradient_accumulation_steps: 8\nbf16: true\ndeepspeed: ds_z3_config.json\n",
     {"workload.stage": "lora", "workload.lora_rank": 8, "parallel.seq_len": 2048, "parallel.micro_batch": 1,
      "parallel.zero_stage": 3, "parallel.precision": "bf16"}),
    ("torchtune", "model: {_component_: torchtune.models.llama3_1.lora_llama3_1_8b, lora_rank: 8}\n"
                  "tokenizer: {max_seq_len: 8192}\nbatch_size: 2\ndtype: bf16\nenable_activation_checkpointing: True\n",
     {"model.preset": "llama3.1-8b", "workload.stage": "lora", "workload.lora_rank": 8, "parallel.seq_len": 8192,
      "parallel.micro_batch": 2, "parallel.recompute": "full"}),
    ("trl", "trl sft --model_name_or_path Qwen/Qwen2.5-0.5B --per_device_train_batch_size 2 --gradient_accumulation_steps 8 --bf16 "
            "--gradient_checkpointing --use_peft --lora_r 16 --max_length 2048 --num_processes 8",
     {"model.preset": "qwen2.5-0.5b", "workload.stage": "lora", "workload.lora_rank": 16, "parallel.micro_batch": 2, "gpus": 8,
      "parallel.global_batch": 128, "parallel.seq_len": 2048, "parallel.recompute": "full", "parallel.zero_stage": 0}),
    ("trl grpo", "accelerate launch --num_processes 16 --num_machines 2 --mixed_precision bf16 trl/scripts/grpo.py "
                 "--per_device_train_batch_size 4 --num_generations 8 --max_prompt_length 512 --max_completion_length 1024 "
                 "--gradient_accumulation_steps 4 --use_vllm --vllm_tensor_parallel_size 2",
     {"workload.stage": "grpo", "workload.prompt_len": 512, "workload.response_len": 1024, "workload.responses_per_prompt": 8,
      "gpus": 16, "rollout.tp": 2, "parallel.tp": 1}),
    ("trainer", "torchrun --nproc_per_node 8 run_clm.py --model_name_or_path meta-llama/Meta-Llama-3-8B --deepspeed ds_zero3.json "
                "--per_device_train_batch_size 8 --gradient_accumulation_steps 2 --block_size 1024 --bf16 --max_steps 1000",
     {"model.preset": "llama3-8b", "parallel.zero_stage": 3, "parallel.micro_batch": 8, "parallel.global_batch": 128,
      "parallel.seq_len": 1024, "workload.tokens": 1000 * 128 * 1024, "gpus": 8}),
    ("slime", "source scripts/models/qwen3-4B.sh\npython3 train.py --actor-num-nodes 2 --actor-num-gpus-per-node 8 "
              "--rollout-num-gpus-per-engine 2 --rollout-batch-size 32 --n-samples-per-prompt 8 --rollout-max-response-len 8192 "
              "--global-batch-size 256 --tensor-model-parallel-size 4 --pipeline-model-parallel-size 2 ${MODEL_ARGS[@]}",
     {"workload.stage": "grpo", "parallel.tp": 4, "parallel.pp": 2, "rollout.tp": 2, "gpus": 16, "parallel.precision": None,
      "workload.responses_per_prompt": 8, "workload.response_len": 8192, "parallel.zero_stage": None}),
    ("openrlhf ppo", "deepspeed --module openrlhf.cli.train_ppo_ray --actor_num_nodes 1 --actor_num_gpus_per_node 8 "
                     "--vllm_num_engines 4 --vllm_tensor_parallel_size 2 --micro_train_batch_size 8 --train_batch_size 128 "
                     "--prompt_max_len 1024 --generate_max_len 1024 --zero_stage 3 --bf16 --pretrain OpenRLHF/Llama-3-8b-sft-mixture",
     {"workload.stage": "ppo", "gpus": 8, "rollout.tp": 2, "parallel.tp": 1, "parallel.zero_stage": 3, "model.preset": "llama3-8b",
      "parallel.seq_len": 2048}),
    ("litgpt", "model_name: Llama-3.2-1B\nprecision: bf16-true\ndevices: 8\ntrain:\n  global_batch_size: 512\n"
               "  micro_batch_size: 4\n  max_tokens: 3000000000000\n  max_seq_length: 2048\n",
     {"model.preset": "llama3.2-1b", "gpus": 8, "parallel.global_batch": 512, "parallel.micro_batch": 4, "workload.tokens": 3e12,
      "parallel.seq_len": 2048, "parallel.precision": "bf16"}),
    ("llm foundry", "max_seq_len: 2048\nmodel:\n  name: mpt_causal_lm\n  d_model: 4096\n  n_heads: 32\n  n_layers: 32\n"
                    "  expansion_ratio: 4\n  max_seq_len: 2048\n  vocab_size: 50368\nglobal_train_batch_size: 512\n"
                    "device_train_microbatch_size: 8\nprecision: amp_bf16\nfsdp_config:\n  sharding_strategy: FULL_SHARD\n"
                    "  activation_checkpointing: true\nmax_duration: 1000ba\n",
     {"model.architecture.layers": 32, "model.architecture.ffn": 16384, "parallel.zero_stage": 3, "parallel.recompute": "full",
      "parallel.micro_batch": 8, "parallel.global_batch": 512, "workload.tokens": 1000 * 512 * 2048}),
    ("offload", "base_model: example/own\nsequence_len: 4096\nmicro_batch_size: 1\nfsdp: [full_shard, auto_wrap]\n"
                "fsdp_config: {fsdp_offload_params: true}\n",
     {"parallel.offload": "optimizer,parameters", "parallel.zero_stage": 3}),
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
    plan = Plan().with_values({"parallel.global_batch": None})
    for text, wide in ((VERL, 2), (VERL_CORE, 8)):
        document = imported(text).document(plan)
        assert document["read"]["rollout.tp"] == wide and document["plan"]["rollout"]["tp"] == wide
    assert imported(VERL).document(plan)["read"]["rollout.engine"] == "vllm"


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
    ("vllm bench serve --model example/8b --num-prompts 9", "vLLM"),
    (b"GGUF\x03\x00\x00\x00", "GGUF"),
    ("train: {global_batch_size: null}\nmodel: {}\n", "nothing in it"),
    ("apiVersion: v1\nkind: Pod\nspec: {}\n", "YAML .apiVersion, kind, spec"),
    ('{"name": "x", "dependencies": {}}', "JSON object .name, dependencies"),
    ("import torch\nprint(torch.cuda.is_available())\n", "Python program"),
    ("#!/bin/bash\n#SBATCH --nodes=16\nbash scripts/train.sh\n", "only calls others .scripts/train.sh"),
    ("nothing of ours\n", "no configuration was recognised"),
    ("", "empty"), (b"\xff\xfe\x00\x01", "UTF-8"), ("x\x00y", "control characters"), ("x" * 300_001, "300,000"),
    ('{"a": 1, "a": 2}', "'a' stands twice"), ("a: 1\na: 2\n", "'a' stands twice"), ("[" * 80, "nest deeper"),
    ('{"train_batch_size": Infinity, "zero_optimization": {}}', "Infinity"),
    ('{"model_type": "llama", "hidden_size": "wide", "num_hidden_layers": 2, "vocab_size": 3}', "whole number of at least"),
    ('{"model_type": "llama", "hidden_size": 64, "num_hidden_layers": 2, "vocab_size": 3}', "num_attention_heads is not accepted"),
    ('{"zero_optimization": {"stage": 1}, "bf16": {"enabled": "perhaps"}}', "true or false"),
    ('{"base_model": "x", "micro_batch_size": 1, "max_steps": "many"}', "finite number"),
    ("torchrun train.py --num-layers 10 --hidden-size 64 --num-attention-heads 8 --seq-length 64 --pipeline-model-parallel-size 2 "
     "--num-layers-per-virtual-pipeline-stage 3", "must divide the 10 layers"),
    ("model.seq_length=4096 dataset.seq_length=2048 model.tensor_model_parallel_size=2", "another override"),
])  # fmt: skip
def test_what_is_recognised_and_not_taken_is_refused_by_name(text: str | bytes, named: str) -> None:
    with pytest.raises(NamedRefusal, match=named) as refused:
        read_configuration(text)
    assert not refused.value.text("ja").isascii() and str(refused.value).isascii()
    assert refused.value.text("ja").endswith("。") and str(refused.value).endswith(".")


TARGET = json.loads((Path(__file__).parent / "fixtures" / "targets" / "torchtitan.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("preset", ["llama3.1-70b", "qwen3-14b", "deepseek-v3", "gpt-oss-120b", "bloom-176b"])
@pytest.mark.parametrize(
    "changes", [{}, {"parallel.pp": 2, "parallel.vp": 2, "parallel.tp": 4}, {"parallel.zero_stage": 3}]
)
def test_torchtitans_own_parser_has_every_flag_that_is_written(preset: str, changes: dict[str, int]) -> None:
    """Names of torchtitan's own classes, made by ``make_targets.py`` from its source, with release and commits."""
    plan = Plan().with_values({
        "model.preset": preset, "cluster.servers": 8, "parallel.auto": False, "parallel.global_batch": 64,
        "parallel.micro_batch": 1, "parallel.zero_stage": 1, "parallel.seq_len": 4096, "parallel.precision": "bf16", **changes,
    })  # fmt: skip
    written = write_configuration(plan, {}, "torchtitan")
    flags = re.findall(r"--(?:no-)?(training|parallelism)\.(?:no-)?([\w]+)", written)
    assert len(flags) >= 9
    assert all(name in TARGET["names"][section] for section, name in flags), flags
    module, config = re.search(r"--module (\S+) --config (\S+)", written).groups()  # type: ignore[union-attr]
    assert (module, config) == ("MODULE", "CONFIG") or f"{module}.{config}" in TARGET["configurations"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", TARGET["version"]) and TARGET["version"] in written
    assert all(commit[:8] in written for commit in TARGET["files"].values())
    assert "local_batch_size" not in written and "flavor" not in written
    again = read_configuration(written.encode(), "run.sh", Catalogue.shipped()).apply(Plan())
    for path in ("tp", "pp", "cp", "ep", "micro_batch", "global_batch", "seq_len"):
        assert again.value(f"parallel.{path}") == plan.value(f"parallel.{path}"), path


def test_accelerates_megatron_plugin_says_the_layout() -> None:
    found = imported(
        "distributed_type: MEGATRON_LM\nmegatron_lm_config:\n  megatron_lm_tp_degree: 4\n  megatron_lm_pp_degree: 2\n"
        "  megatron_lm_sequence_parallelism: true\n  megatron_lm_recompute_activations: true\n"
        "  megatron_lm_use_distributed_optimizer: true\nmixed_precision: bf16\nnum_machines: 2\nnum_processes: 16\n"
    )
    want = {
        "tp": 4,
        "pp": 2,
        "sp": True,
        "recompute": "selective",
        "zero_stage": 1,
        "stack": "megatron",
        "precision": "bf16",
    }
    assert {field: found.values.get(f"parallel.{field}") for field in want} == want
    assert found.accelerators == 16


def test_verls_settings_file_is_read_as_its_overrides() -> None:
    found = imported(
        "actor_rollout_ref:\n  model: {path: Qwen/Qwen2.5-7B-Instruct}\n  actor:\n    strategy: fsdp2\n"
        "    ppo_micro_batch_size_per_gpu: 4\n    ulysses_sequence_parallel_size: 2\n"
        "  rollout: {name: vllm, tensor_model_parallel_size: 4, n: 5}\nalgorithm: {adv_estimator: grpo}\n"
        "data: {train_batch_size: 1024, max_prompt_length: 512, max_response_length: 1024}\n"
        "trainer: {n_gpus_per_node: 8, nnodes: 2}\n"
    )
    assert found.accelerators == 16 and found.values["rollout.tp"] == 4 and found.values["parallel.tp"] == 1
    assert found.values["parallel.cp"] == 2 and found.values["workload.stage"] == "grpo"
    assert found.values["model.preset"] == "qwen2.5-7b" and found.values["parallel.global_batch"] == 1024
