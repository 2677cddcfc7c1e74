"""Settings that other projects ship, each cut to what decides its reading: kinds of files that were once read wrong in silence."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mitsumori.model.base.refusal import Refusal
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.formats import NamedRefusal
from mitsumori.model.formats.shapes import preset_named
from mitsumori.model.plan.plan import Plan
from tests.model.formats_read import imported

CATALOGUE = Catalogue.shipped()
AXOLOTL = "base_model: NousResearch/Meta-Llama-3-8B\nsequence_len: 2048\nmicro_batch_size: 1\n"
TUNE = ("tokenizer: {_component_: torchtune.models.llama3.llama3_tokenizer, max_seq_len: 1024}\n"
        "model: {_component_: torchtune.models.llama3.lora_llama3_8b, lora_rank: 8%s}\nbatch_size: 2\ndtype: bf16\n"
        "optimizer: {_component_: torch.optim.AdamW}\n")  # fmt: skip
VERL_SFT = ("torchrun --standalone --nnodes=1 --nproc_per_node=8 -m verl.trainer.fsdp_sft_trainer data.train_batch_size=256 "
            "data.micro_batch_size_per_gpu=4 data.max_length=2048 model.partial_pretrain=Qwen/Qwen2.5-0.5B-Instruct "
            "%s trainer.total_epochs=3")  # fmt: skip
OPENRLHF = ("deepspeed --module openrlhf.cli.train_ppo_ray --actor.num_nodes 1 --actor.num_gpus_per_node 8 "
            "--vllm.num_engines 4 --vllm.tensor_parallel_size 2 --train.micro_batch_size 8 --train.batch_size 128 "
            "--rollout.n_samples_per_prompt 8 --rollout.max_new_tokens 1024 --data.max_len 2048 --ds.zero_stage 3 "
            "--ds.param_dtype bf16 --actor.gradient_checkpointing_enable --algo.advantage.estimator group_norm "
            "--actor.model_name_or_path Qwen/Qwen3-8B")  # fmt: skip
VERL_YAML = ("actor_rollout_ref:\n  model: {path: Qwen/Qwen3-8B, lora_rank: 32}\n  actor:\n    strategy: megatron\n"
             "    ppo_micro_batch_size_per_gpu: ${oc.select:actor_rollout_ref.ref.size,2}\n"
             "    megatron: {tensor_model_parallel_size: 4, pipeline_model_parallel_size: 2}\n"
             "  rollout: {name: sglang, tensor_model_parallel_size: 8}\n"
             "algorithm: {adv_estimator: grpo}\ntrainer: {n_gpus_per_node: 8, nnodes: 4}\n")  # fmt: skip

READ: list[tuple[str, str, dict[str, Any]]] = [
    ("axolotl dpo", AXOLOTL + "rl: dpo\nadapter: lora\nlora_r: 32\n", {"workload.stage": "dpo", "workload.lora_rank": 32}),
    ("axolotl orpo", AXOLOTL + "rl: orpo\n", {"workload.stage": "dpo", "left rl": "orpo"}),
    ("axolotl grpo", AXOLOTL + "rl: grpo\ntrl: {num_generations: 8, max_completion_length: 512, vllm_tensor_parallel_size: 2}\n",
     {"workload.stage": "grpo", "workload.responses_per_prompt": 8, "workload.response_len": 512, "rollout.tp": 2}),
    ("axolotl without its adapter", AXOLOTL + "adapter:\nlora_r: 8\n", {"workload.stage": None, "workload.lora_rank": None}),
    ("axolotl recomputing on the host", AXOLOTL + "gradient_checkpointing: offload\n", {"parallel.recompute": "full"}),
    ("torchtune qdora", TUNE % ", use_dora: True, quantize_base: True", {"workload.stage": "qlora", "workload.lora_rank": 8}),
    ("torchtune dpo", TUNE % "" + "loss: {_component_: torchtune.rlhf.loss.DPOLoss}\n", {"workload.stage": "dpo"}),
    ("torchtune full", TUNE.replace("lora_llama3_8b, lora_rank: 8%s", "llama3_8b"), {"workload.stage": "sft"}),
    ("torchtune ppo", "tokenizer: {_component_: torchtune.models.mistral.mistral_tokenizer}\n"
                      "policy_model: {_component_: torchtune.models.mistral.mistral_7b}\n"
                      "batch_size: 64\noptimizer: {_component_: bitsandbytes.optim.PagedAdamW}\n",
     {"workload.stage": "ppo", "model.preset": "mistral-7b"}),
    ("verl sft", VERL_SFT % "ulysses_sequence_parallel_size=2 model.lora_rank=32",
     {"workload.stage": "lora", "workload.lora_rank": 32, "gpus": 8, "parallel.global_batch": 256, "parallel.micro_batch": 4,
      "parallel.seq_len": 2048, "parallel.cp": 2, "model.preset": "qwen2.5-0.5b", "parallel.zero_stage": 3}),
    ("verl sft on Megatron", "torchrun --nproc_per_node=8 --nnodes=2 -m verl.trainer.sft_trainer data.train_batch_size=64 "
                             "data.max_length=4096 model.path=Qwen/Qwen3-8B engine=megatron engine.tensor_model_parallel_size=4 "
                             "engine.pipeline_model_parallel_size=2",
     {"workload.stage": "sft", "gpus": 16, "parallel.tp": 4, "parallel.pp": 2, "parallel.zero_stage": 1, "model.preset": "qwen3-8b"}),
    ("verl settings with references", VERL_YAML,
     {"workload.stage": "grpo", "parallel.tp": 4, "parallel.pp": 2, "gpus": 32, "rollout.tp": 8, "rollout.engine": "sglang",
      "model.preset": "qwen3-8b", "left actor_rollout_ref.model.lora_rank": "32"}),
    ("openrlhf with dots", OPENRLHF,
     {"workload.stage": "grpo", "gpus": 8, "rollout.tp": 2, "parallel.micro_batch": 8, "parallel.global_batch": 128,
      "workload.responses_per_prompt": 8, "workload.response_len": 1024, "parallel.seq_len": 2048, "parallel.zero_stage": 3,
      "parallel.precision": "bf16", "parallel.recompute": "full", "model.preset": "qwen3-8b"}),
    ("ms-swift on Megatron", "NPROC_PER_NODE=8 NNODES=2 megatron sft --model Qwen/Qwen3-30B-A3B --tensor_model_parallel_size 2 "
                             "--expert_model_parallel_size 8 --max_length 8192 --global_batch_size 16",
     {"parallel.precision": "bf16", "parallel.zero_stage": 1, "gpus": 16, "workload.stage": "sft", "parallel.recompute": "selective",
      "parallel.seq_len": 8192, "parallel.ep": 8, "model.preset": "qwen3-30b-a3b"}),
    ("ms-swift", "n=4\nNPROC_PER_NODE=$n swift sft --model Qwen/Qwen2.5-7B-Instruct --per_device_train_batch_size 1 "
                 "--gradient_accumulation_steps $(expr 16 / $n) --deepspeed zero2 --max_length 2048",
     {"workload.stage": "lora", "workload.lora_rank": 8, "gpus": 4, "parallel.global_batch": 16, "parallel.recompute": "full",
      "parallel.precision": "bf16", "parallel.zero_stage": 2}),
    ("ms-swift grpo", "NPROC_PER_NODE=8 swift rlhf --rlhf_type grpo --tuner_type full --model Qwen/Qwen2.5-7B "
                      "--per_device_train_batch_size 4 --num_generations 8 --gradient_checkpointing false --deepspeed zero3",
     {"workload.stage": "grpo", "workload.responses_per_prompt": 8, "gpus": 8, "parallel.recompute": "none", "parallel.zero_stage": 3}),
    ("llama-factory command", "FORCE_TORCHRUN=1 NNODES=2 NPROC_PER_NODE=8 llamafactory-cli train --stage sft --finetuning_type full "
                              "--model_name_or_path Qwen/Qwen2.5-14B --cutoff_len 8192 --per_device_train_batch_size 1 "
                              "--gradient_accumulation_steps 2 --bf16 True --deepspeed examples/deepspeed/ds_z3_config.json",
     {"workload.stage": "sft", "gpus": 16, "parallel.global_batch": 32, "parallel.recompute": "full", "parallel.zero_stage": 3}),
    ("llama-factory without recomputation", "model_name_or_path: Qwen/Qwen2.5-7B\nstage: pt\nfinetuning_type: freeze\ncutoff_len: 4096\n"
                                            "per_device_train_batch_size: 1\ndisable_gradient_checkpointing: true\n",
     {"parallel.recompute": "none", "workload.stage": "continual", "left finetuning_type": "freeze"}),
    ("trl unless told", "trl sft --model_name_or_path Qwen/Qwen2.5-0.5B --per_device_train_batch_size 2",
     {"parallel.recompute": "full", "parallel.precision": "bf16"}),
    ("slime's checkpoint", "source ../models/qwen3-235B-A22B.sh\nCKPT_ARGS=(\n  --hf-checkpoint /models/Qwen3-235B-A22B-INT4/\n)\n"
                           "PERF_ARGS=( --tensor-model-parallel-size 4 --pipeline-model-parallel-size 4 --bf16 )\n"
                           "ray job submit -- python3 train.py --actor-num-nodes 8 --actor-num-gpus-per-node 8 --rollout-batch-size 32 "
                           "${MODEL_ARGS[@]} ${CKPT_ARGS[@]} ${PERF_ARGS[@]}\n",
     {"model.preset": "qwen3-235b-a22b", "gpus": 64, "parallel.tp": 4, "parallel.pp": 4, "parallel.precision": "bf16"}),
    ("maxtext qwen2.5", "decoder_block: qwen2\nbase_emb_dim: 3584\nbase_mlp_dim: 18944\nbase_num_query_heads: 28\nbase_num_kv_heads: 4\n"
                        "base_num_decoder_layers: 28\nhead_dim: 128\nmlp_activations: [silu, linear]\nvocab_size: 152064\nattention_bias: True\n",
     {"model.preset": "qwen2.5-7b"}),
    ("a default within a path", "sp=4\nNODES=${NODES:-16}\npython3 -m recipe.dapo.main_dapo data.train_batch_size=512 algorithm.adv_estimator=grpo "
                                "actor_rollout_ref.model.path=\"${MODEL_PATH:-Qwen/Qwen2.5-32B}\" "
                                "actor_rollout_ref.actor.ulysses_sequence_parallel_size=${sp} trainer.n_gpus_per_node=8 trainer.nnodes=\"${NODES}\"",
     {"model.preset": "qwen2.5-32b", "gpus": 128, "parallel.cp": 4}),
    ("Megatron-DeepSpeed's sequence parallel", "deepspeed pretrain_gpt.py --ds-sequence-parallel-size 4 --num-layers 32 --hidden-size 4096 "
     "--num-attention-heads 32 --seq-length 65536 --micro-batch-size 1 --zero-stage 3 --vocab-size 32000 --bf16",
     {"parallel.cp": 4, "parallel.zero_stage": 3}),
    ("a DeepSpeed file of accelerate's command", "accelerate launch --mixed_precision bf16 --num_processes 64 --use_deepspeed "
     "--deepspeed_config_file configs/stage3_no_offloading_accelerate.conf finetune.py --model_name_or_path meta-llama/Llama-3.1-70B "
     "--per_device_train_batch_size 1 --gradient_accumulation_steps 2",
     {"parallel.zero_stage": 3, "parallel.offload": None, "parallel.global_batch": 128, "gpus": 64}),
    ("4 bits by other words", "deepspeed train_lora.py --model_name_or_path Qwen/Qwen3-8B --lora_r 8 --q_lora True "
     "--per_device_train_batch_size 2 --deepspeed playground/deepspeed_config_s2.json",
     {"workload.stage": "qlora", "parallel.zero_stage": 2}),
    ("alpaca-lora", "torchrun --nproc_per_node=2 finetune.py --base_model huggyllama/llama-7b --batch_size 128 --micro_batch_size 4 "
     "--cutoff_len 512 --lora_r 8",
     {"workload.stage": "lora", "parallel.global_batch": 128, "parallel.micro_batch": 4, "parallel.seq_len": 512, "gpus": 2,
      "model.preset": "llama-7b"}),
    ("fms-fsdp", "torchrun --nnodes=4 --nproc_per_node=8 main_training_llama.py --model_variant=llama2_7b --seq_length=4096 "
     "--micro_batch_size=2 --sharding_strategy=hsdp --fsdp_activation_checkpointing=False",
     {"parallel.zero_stage": 3, "parallel.recompute": "none", "model.preset": "llama2-7b", "gpus": 32}),
    ("llama-factory on Megatron", "model_name_or_path: Qwen/Qwen3-30B-A3B\nstage: sft\nfinetuning_type: full\ncutoff_len: 4096\n"
     "per_device_train_batch_size: 1\ntensor_model_parallel_size: 2\npipeline_model_parallel_size: 2\nexpert_model_parallel_size: 4\n",
     {"parallel.tp": 2, "parallel.pp": 2, "parallel.ep": 4, "workload.stage": "sft"}),
    ("several Pods of a training", "kind: PyTorchJob\nspec:\n  pytorchReplicaSpecs:\n    Master: {replicas: 1, template: &pod {spec: {containers: "
                                   "[{image: 'x/y:1', command: [bash, -c, 'torchrun --nproc_per_node=8 --nnodes=$WORLD_SIZE train.py "
                                   "--per_device_train_batch_size 2 --model_name_or_path Qwen/Qwen2.5-7B']}]}}}\n"
                                   "    Worker: {replicas: 3, template: *pod}\n", {"gpus": 32}),
    ("several Pods of a server", "kind: Deployment\nspec:\n  replicas: 4\n  template: {spec: {containers: [{image: 'vllm/vllm-openai:v0.10', "
                                 "args: [--model, Qwen/Qwen3-32B, --tensor-parallel-size, '4']}]}}\n",
     {"gpus": 16, "serving.tp": 4, "model.preset": "qwen3-32b"}),
    ("sglang's experts with DeepEP", "python3 -m sglang.launch_server --model-path deepseek-ai/DeepSeek-V3-0324 --tp 16 --dp-size 16 "
                                     "--enable-dp-attention --enable-deepep-moe --nnodes 2",
     {"serving.ep": 16, "serving.dp_attention": 16, "serving.tp": 1, "gpus": 16}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), [row[1:] for row in READ], ids=[row[0] for row in READ])
def test_settings_that_other_projects_ship(text: str, wanted: dict[str, Any]) -> None:
    document = imported(text).document(Plan().with_values({"parallel.global_batch": None}))
    for path, value in wanted.items():
        if path.startswith("left "):
            assert document["left_aside"].get(path[5:]) == value, path
            continue
        have = document["gpus"] if path == "gpus" else document["read"].get(path, document["assumed"].get(path))
        assert have == value, path


GPT = "--num-layers 24 --hidden-size 1024 --num-attention-heads 16 --seq-length 512 --micro-batch-size 4 --vocab-size 30592 --bf16"


@pytest.mark.parametrize(
    "program", ["pretrain_bert.py", "pretrain_t5.py", "pretrain_vision_classify.py", "examples/pretrain_retro.py"]
)
def test_a_script_that_trains_an_encoder_is_no_decoder(program: str) -> None:
    """Megatron-LM's BERT, T5, vision and retriever scripts share the options of GPT's; they were read as a GPT of that shape."""
    with pytest.raises(NamedRefusal, match=program.rpartition("/")[2]) as refused:
        imported(f"torchrun --nproc_per_node 8 {program} {GPT}")
    assert "デコーダー" in refused.value.text("ja")


def test_a_script_with_a_vision_part_is_doubted() -> None:
    doubts = imported(f"torchrun --nproc_per_node 8 pretrain_vlm.py {GPT} --img-h 336").parts(Plan(), "en").doubts
    assert any("pretrain_vlm.py" in doubt for doubt in doubts)


@pytest.mark.parametrize("text", [
    f"torchrun --nproc_per_node 8 tools/run_text_generation_server.py {GPT} --load ckpt",
    "python tools/preprocess_data.py --input my.json --tokenizer-type GPT2BPETokenizer --seq-length 2048 --workers 8",
    "python3 -m verl.trainer.main_generation trainer.nnodes=1 trainer.n_gpus_per_node=8 model.path=Qwen/Qwen3-8B rollout.n=4",
    "python -m openrlhf.cli.batch_inference --pretrain Qwen/Qwen3-8B --zero_stage 0 --bf16 --micro_batch_size 16",
    "model_name_or_path: Qwen/Qwen3-8B\nadapter_name_or_path: saves/x\nfinetuning_type: lora\nexport_dir: out\n",
    "model: {_component_: torchtune.models.llama3.llama3_8b}\ntasks: [truthfulqa_mc2]\nbatch_size: 8\ndtype: bf16\n",
    "model: {_component_: torchtune.models.llama3.llama3_8b}\nprompt: {user: hi}\nmax_new_tokens: 9\n",
    "tune run eleuther_eval --config eleuther_evaluation batch_size=4",
])  # fmt: skip
def test_what_trains_nothing_is_no_training(text: str) -> None:
    with pytest.raises(NamedRefusal, match="trains nothing"):
        imported(text)


@pytest.mark.parametrize("text", [
    "[project]\nname = 'verl'\nscripts = {verl = 'verl.trainer.main_ppo:main'}\n",  # a project that only names the trainer
    "defaults: [actor]\nstrategy: fsdp\nload: ${oc.select:actor_rollout_ref.actor.load,null}\n",  # a part of its settings
])  # fmt: skip
def test_a_file_that_only_names_verl_is_not_its_command(text: str) -> None:
    with pytest.raises(Refusal):
        imported(text)


@pytest.mark.parametrize(("name", "key"), [
    ("deepseek-ai/DeepSeek-V2-Lite", None), ("deepseek-ai/DeepSeek-R1-0528-Qwen3-8B", "qwen3-8b"), ("DeepSeek-R1", "deepseek-v3"),
    ("DeepSeek-R1-671B", "deepseek-v3"), ("princeton-nlp/Sheared-LLaMA-1.3B", None), ("facebook/opt-1.3b", None),
    ("Qwen2.5-7B-Instruct-1M", "qwen2.5-7b"), ("Qwen3-4B-Instruct-2507", "qwen3-4b"), ("Qwen3.5-4B", None),
    ("teknium/OpenHermes-2.5-Mistral-7B", "mistral-7b"), ("Llama-4-Maverick-17B-128E-Instruct", "llama4-maverick"),
    ("Qwen3-14B-speculator.eagle3", None), ("llama31_8b", "llama3.1-8b"), ("qwen2_5_0_5b", "qwen2.5-0.5b"), ("llama3_3_70b", "llama3.1-70b"),
    ("Llama-3.2-11B-Vision", None), ("EleutherAI/pythia-1.4b-deduped", "pythia-1.4b"), ("DeepSeek-V3-4layers", None),
])  # fmt: skip
def test_a_checkpoints_name_is_not_taken_for_another_models(name: str, key: str | None) -> None:
    """DeepSeek-V2-Lite's 16 B were read as 236 B, an 8 B distilled from R1 as 671 B, a 1.3 B as 13 B."""
    found = preset_named(name, CATALOGUE)
    assert (found.key if found else None) == key


def test_every_model_of_the_catalogue_is_found_by_its_own_names() -> None:
    for record in CATALOGUE.models().values():
        for name in (record.key, *record.run_names) if record.supported else ():
            found = preset_named(f"org/{name}-hf", CATALOGUE)
            assert found is not None and found.architecture == record.architecture, (name, json.dumps(record.key))


def test_steps_that_are_no_tokens_yet_are_told_with_their_number() -> None:
    """Megatron-Bridge's settings without a length: 1,000 steps were said to be there, and not how many."""
    found = imported(
        "model: {tensor_model_parallel_size: 2}\ntrain: {global_batch_size: 128, micro_batch_size: 1, train_iters: 1000}\n"
    )
    assert any("(1,000)" in line for line in found.report(Plan(), "en"))
    assert any("1,000" in line for line in found.report(Plan(), "ja"))


def test_a_tool_whose_part_is_refused_is_named() -> None:
    text = ("decoder_block: qwen3_next\nbase_emb_dim: 2048\nbase_num_decoder_layers: 48\nbase_num_query_heads: 16\nbase_num_kv_heads: 2\n"
            "head_dim: 256\nvocab_size: 151936\nbase_mlp_dim: 512\nbase_moe_mlp_dim: 512\nnum_experts: 512\nnum_experts_per_tok: 10\n"
            "linear_num_key_heads: 16\nlinear_num_value_heads: 32\n")  # fmt: skip
    with pytest.raises(NamedRefusal, match="MaxText"):
        imported(text)


SLIME_MODEL = ("MODEL_ARGS=(\n  --num-layers 36 --hidden-size 4096 --ffn-hidden-size 12288 --num-attention-heads 32 --group-query-attention\n"
               "  --num-query-groups 8 --kv-channels 128 --swiglu --disable-bias-linear --normalization RMSNorm --qk-layernorm\n"
               "  --position-embedding-type rope --untie-embeddings-and-output-weights --padded-vocab-size 151936 %s\n)\n")  # fmt: skip


def test_a_models_arguments_alone_say_nothing_of_the_training() -> None:
    """They were read as a training in 32 bits, with a micro-batch of 1 and nothing sharded."""
    found = imported(SLIME_MODEL % "")
    assert found.values["model.preset"] == "qwen3-8b"
    assert not [
        path
        for path in found.values
        if path.startswith("parallel.") and path not in ("parallel.auto", "parallel.stack")
    ]
    assert "parallel.precision" in found.missing


@pytest.mark.parametrize("option", [
    "--spec slime_plugins.models.qwen3_5 get_qwen3_5_spec", "--moe-latent-size 1024", "--dsa-indexer-n-heads 64",
    "--linear-num-value-heads 32",
])  # fmt: skip
def test_options_of_other_layers_put_a_scripts_count_in_doubt(option: str) -> None:
    first = imported(SLIME_MODEL % option).report(Plan(), "en")[0]
    assert option.split()[0] in first and "check" in first


def test_gated_delta_layers_of_a_script_are_refused_and_a_gate_is_counted() -> None:
    with pytest.raises(NamedRefusal, match="experimental_attention_variant"):
        imported(SLIME_MODEL % "--experimental-attention-variant gated_delta_net --linear-attention-freq 4")
    plain, gated = (imported(SLIME_MODEL % more).document(Plan())["params"] for more in ("", "--attention-output-gate"))
    assert gated - plain == 36 * 4096 * 32 * 128


def test_tasks_with_a_gpu_each_are_gpus() -> None:
    text = (
        "#SBATCH --nodes=8\n#SBATCH --ntasks=64\n#SBATCH --gpus-per-task=1\nsrun python pretrain_gpt.py --seq-length 512 "
        + GPT
    )
    assert imported(text).accelerators == 64


LARGE_3 = {
    "dim": 7168, "n_layers": 61, "head_dim": 128, "hidden_dim": 16384, "n_heads": 128, "n_kv_heads": 128, "vocab_size": 131072,
    "tied_embeddings": False, "q_lora_rank": 1536, "qk_rope_head_dim": 64, "qk_nope_head_dim": 128, "kv_lora_rank": 512, "v_head_dim": 128,
    "moe": {"route_every_n": 1, "first_k_dense_replace": 3, "num_experts": 128, "num_experts_per_tok": 4, "expert_hidden_dim": 4096,
            "num_shared_experts": 1},
    "vision_encoder": {"hidden_size": 1664, "intermediate_size": 8192, "num_hidden_layers": 48, "num_attention_heads": 16, "patch_size": 14,
                       "image_size": 1540, "spatial_merge_size": 2},
}  # fmt: skip


def test_mistrals_params_json_with_latent_attention_and_experts_is_counted() -> None:
    """Mistral Large 3: "675B total, 41B active" with its encoder of 2.5 B (its model card)."""
    document = imported(json.dumps(LARGE_3)).document(Plan())
    assert document["params"] == pytest.approx(675e9, rel=0.003)
    assert document["active_params"] == pytest.approx(41e9, rel=0.05)


def test_a_settings_file_with_one_word_of_nemos_is_not_nemos() -> None:
    with pytest.raises(Refusal):
        imported(
            "model: {type: llama, hidden_dim: 4096, num_layers: 32, num_heads: 32}\ntrainer: {num_train_steps: 10000}\n"
        )
