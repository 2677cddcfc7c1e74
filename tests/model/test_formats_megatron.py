"""Megatron-LM command lines and scripts: what they say becomes a plan, what they do not say is listed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from mitsumori.model.base.refusal import Refusal
from mitsumori.model.formats import write_configuration
from mitsumori.model.formats.core_arguments import pattern_of
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.resolve import resolve
from tests.model.formats_read import imported, megatron

# NVIDIA/Megatron-LM examples/gpt3/train_gpt3_175b_distributed.sh, abridged
GPT3_SCRIPT = r"""
#!/bin/bash
# Runs the "175B" parameter model
export CUDA_DEVICE_MAX_CONNECTIONS=1
GPUS_PER_NODE=8
# Change for multinode config
MASTER_ADDR=localhost
MASTER_PORT=6000
NUM_NODES=16
NODE_RANK=0
WORLD_SIZE=$(($GPUS_PER_NODE*$NUM_NODES))
CHECKPOINT_PATH=$1 #<Specify path>
DISTRIBUTED_ARGS=(
    --nproc_per_node $GPUS_PER_NODE
    --nnodes $NUM_NODES
    --master_addr $MASTER_ADDR
    --master_port $MASTER_PORT
)
GPT_MODEL_ARGS=(
    --num-layers 96
    --hidden-size 12288
    --num-attention-heads 96
    --seq-length 2048
    --max-position-embeddings 2048
    --attention-backend auto # Can use (flash/fused/unfused/local)
)
TRAINING_ARGS=(
    --micro-batch-size 1
    --global-batch-size 1536
    --rampup-batch-size 16 16 5859375
    --train-iters 500000
    --weight-decay 0.1
    --adam-beta1 0.9
    --adam-beta2 0.95
    --init-method-std 0.006
    --clip-grad 1.0
    --fp16
    --lr 6.0e-5
    --lr-decay-style cosine
    --min-lr 6.0e-6
    --lr-warmup-fraction .001
    --lr-decay-iters 430000
)
MODEL_PARALLEL_ARGS=(
	--tensor-model-parallel-size 8
	--pipeline-model-parallel-size 16
)
DATA_ARGS=(
    --data-path $DATA_PATH
    --vocab-file $VOCAB_FILE
    --merge-file $MERGE_FILE
    --split 949,50,1
)
torchrun ${DISTRIBUTED_ARGS[@]} pretrain_gpt.py \
    ${GPT_MODEL_ARGS[@]} \
    ${TRAINING_ARGS[@]} \
    ${MODEL_PARALLEL_ARGS[@]} \
    ${DATA_ARGS[@]}
"""


def test_megatron_example_script() -> None:
    found = imported(GPT3_SCRIPT, "whatever.txt")
    assert found.format == "megatron"
    values = found.values
    # the file has no vocabulary; everything else is GPT-3 175B
    assert values["model.preset"] == "gpt3-175b"
    assert {key: values[f"parallel.{key}"] for key in ("tp", "pp", "cp", "micro_batch", "global_batch", "seq_len")} == {
        "tp": 8, "pp": 16, "cp": 1, "micro_batch": 1, "global_batch": 1536, "seq_len": 2048,
    }  # fmt: skip
    assert values["parallel.precision"] == "fp16"
    assert values["workload.tokens"] == 500_000 * 1536 * 2048
    assert values["parallel.zero_stage"] == 0
    assert found.accelerators == 128
    assert set(found.defaulted) == {"parallel.cp", "parallel.zero_stage", "parallel.recompute", "parallel.optimizer"}
    # data and tokenizer files stand behind variables, but say nothing that an estimate asks
    assert found.unknown == ()
    plan = found.apply(Plan())
    assert plan.cluster.servers == 16
    resolve(plan)


@pytest.mark.parametrize(
    ("arguments", "path", "value"),
    [
        ("--pipeline-model-parallel-size 4 --num-layers-per-virtual-pipeline-stage 2", "parallel.vp", 4),
        ("--pipeline-model-parallel-size 4 --num-virtual-stages-per-pipeline-rank 2", "parallel.vp", 2),
        # DeepSeek-V3 on 16 stages, as Megatron-LM's own recipe lays it out: 32 stages
        ("--pipeline-model-parallel-size 16 --pipeline-model-parallel-layout 'Et*3|(tt|)*29m|L'", "parallel.vp", 2),
        ("--model-parallel-size 4", "parallel.tp", 4),
        ("--zero-stage 2", "parallel.zero_stage", 2),
        ('ARGS=( "--bf16" "--recompute-granularity full" )', "parallel.recompute", "full"),
        ("--batch-size 2", "parallel.micro_batch", 2),
        ("--recompute-activations", "parallel.recompute", "selective"),
        ("--checkpoint-activations", "parallel.recompute", "full"),
        ("--activations-checkpoint-method uniform", "parallel.recompute", "full"),
        ("--recompute-granularity full --recompute-method uniform", "parallel.recompute", "full"),
        ("--bf16", "parallel.precision", "bf16"),
        ("", "parallel.precision", "fp32"),
        ("--bf16 --fp8-format hybrid", "parallel.precision", "fp8"),
        ("--bf16 --fp8-hybrid", "parallel.precision", "fp8"),
        ("--bf16 --fp8-format e4m3 --fp8-recipe mxfp8", "parallel.precision", "mxfp8"),
        ("--use-distributed-optimizer", "parallel.zero_stage", 1),
        ("--use-megatron-fsdp --data-parallel-sharding-strategy optim_grads_params", "parallel.zero_stage", 3),
        ("--use-custom-fsdp --data-parallel-sharding-strategy optim_grads", "parallel.zero_stage", 2),
        ("--use-torch-fsdp2", "parallel.zero_stage", 3),
        ("--optimizer-cpu-offload", "parallel.offload", "optimizer"),
        ("--optimizer sgd", "parallel.optimizer", "sgd"),
        ("--train-samples 1000", "workload.tokens", 4_096_000.0),
        ("--tensor-model-parallel-size=2", "parallel.tp", 2),
        ("'--context-parallel-size' \"2\"", "parallel.cp", 2),
        ("--tensor-model-parallel-size \\\n 2 # --tensor-model-parallel-size 8", "parallel.tp", 2),
    ],
)
def test_megatron_meaning(arguments: str, path: str, value: object) -> None:
    assert megatron(arguments).values[path] == value


@pytest.mark.parametrize(
    ("arguments", "field", "value"),
    [
        ("", "ffn", 16384),
        # Megatron-LM: int(4h * 2/3 / 64) * 64
        ("--swiglu", "ffn", 10880),
        ("--swiglu --ffn-hidden-size 11008", "gated_mlp", True),
        ("--num-query-groups 8", "kv_heads", 32),
        ("--group-query-attention --num-query-groups 8", "kv_heads", 8),
        ("--kv-channels 64", "head_dim", 64),
        ("", "tied_embeddings", True),
        ("--untie-embeddings-and-output-weights", "tied_embeddings", False),
        ("", "linear_bias", True),
        ("--disable-bias-linear --add-qkv-bias", "attention_bias", True),
        ("--normalization RMSNorm", "norm_vectors", 1),
        ("--max-position-embeddings 4096", "positions", 4096),
        ("--max-position-embeddings 4096 --use-rotary-position-embeddings", "positions", 0),
        ("--tensor-model-parallel-size 8 --make-vocab-size-divisible-by 100", "vocab", 32000),
        ("--tensor-model-parallel-size 8", "vocab", 32768),
        ("--num-experts 8 --moe-router-topk 3 --moe-layer-freq ([0]*2+[1]*30)", "moe_dense_layers", 2),
        ("--num-experts 8 --moe-layer-freq 2", "moe_dense_layers", 16),
        ("--num-experts 8", "moe_topk", 2),
        ("--num-experts 8", "moe_ffn", 16384),
        ("--num-experts 8 --moe-shared-expert-intermediate-size 512", "moe_shared_ffn", 512),
        ("--multi-latent-attention --q-lora-rank 64", "mla",
         {"q_lora_rank": 64, "kv_lora_rank": 32, "qk_nope_dim": 128, "qk_rope_dim": 64, "v_head_dim": 128}),
        ("--window-size 128,0 --window-attn-skip-freq 4", "window_share", 0.75),
        ("--window-size 128 0", "window", 128),
        ("--mtp-num-layers 1", "mtp_layers", 1),
    ],
)  # fmt: skip
def test_megatron_shape(arguments: str, field: str, value: object) -> None:
    quoted = arguments.replace("([0]*2+[1]*30)", "'([0]*2+[1]*30)'")
    assert megatron(quoted).values["model.architecture"][field] == value


def test_megatron_variables_are_resolved_or_listed() -> None:
    found = imported(
        'TP=${TP:-4}\nPP=2\nGBS=$((8*$TP*16))\nexport MODEL_ARGS="--num-layers 32 --hidden-size 4096"\n'
        "torchrun --nnodes $N pretrain_gpt.py $MODEL_ARGS --tensor-model-parallel-size ${TP} "
        "--pipeline-model-parallel-size $PP --global-batch-size $GBS --micro-batch-size $MBS --bf16 $EXTRA"
    )
    assert found.values["parallel.tp"] == 4
    assert found.values["parallel.pp"] == 2
    assert found.values["parallel.global_batch"] == 512
    assert found.values["parallel.precision"] == "bf16"
    assert found.unknown[:2] == (("--nnodes", "$N"), ("--micro-batch-size", "$MBS"))
    # a value left to a variable is open: it is not Megatron-LM's default
    assert "parallel.micro_batch" in found.missing
    # without the heads the shape is not whole: the rest stays the plan's
    assert found.shape["layers"] == 32
    assert "model.architecture.heads" in found.missing


# Megatron-Core's MoE model zoo, DeepSeek-V3 (github.com/yanring/Megatron-MoE-ModelZoo), abridged
DEEPSEEK = """
srun python pretrain_gpt.py --tensor-model-parallel-size 2 --pipeline-model-parallel-size 16 \\
  --expert-model-parallel-size 64 --expert-tensor-parallel-size 1 --use-distributed-optimizer --sequence-parallel \\
  --disable-bias-linear --micro-batch-size 1 --global-batch-size 8192 --train-samples 585937500 --seq-length 4096 \\
  --tokenizer-type HuggingFaceTokenizer --tokenizer-model deepseek-ai/DeepSeek-V3 --untie-embeddings-and-output-weights \\
  --position-embedding-type rope --swiglu --num-layers 61 --hidden-size 7168 --ffn-hidden-size 18432 \\
  --num-attention-heads 128 --kv-channels 128 --max-position-embeddings 4096 --normalization RMSNorm --bf16 \\
  --num-experts 256 --moe-layer-freq "([0]*3+[1]*58)" --moe-ffn-hidden-size 2048 --moe-router-topk 8 \\
  --moe-shared-expert-intermediate-size 2048 --moe-grouped-gemm --multi-latent-attention --q-lora-rank 1536 \\
  --kv-lora-rank 512 --qk-head-dim 128 --qk-pos-emb-head-dim 64 --v-head-dim 128 --mtp-num-layers 1 \\
  --recompute-granularity selective --recompute-modules mla_up_proj moe mlp layernorm \\
  --pipeline-model-parallel-layout "Et*3|(tt|)*29m|L" --fp8-recipe blockwise --fp8-format e4m3 2>&1 | tee log.txt
"""


def test_megatron_deepseek_v3() -> None:
    found = imported(DEEPSEEK)
    want = {
        "preset": "deepseek-v3",
        "tp": 2,
        "pp": 16,
        "vp": 2,
        "ep": 64,
        "etp": 1,
        "precision": "fp8",
        "zero_stage": 1,
    }
    assert {key: found.values[f"{'model' if key == 'preset' else 'parallel'}.{key}"] for key in want} == want
    assert found.values["workload.tokens"] == 585_937_500 * 4096
    assert found.values["parallel.recompute_modules"] == ["mla_up_proj", "moe", "mlp", "layernorm"]
    assert found.unknown == ()
    assert any(note.code == "vocab_of_preset" for note in found.notes)
    # 64 experts groups of one stage, 16 stages: 1,024 GPUs at least
    plan = found.apply(Plan())
    assert plan.cluster.servers == 128
    resolve(plan)


def test_conditions_of_a_script_are_said() -> None:
    found = imported(
        'if [[ $D == fp8 ]]; then\n A=( "--fp8-format hybrid" )\nfi\ntorchrun x.py --bf16 --num-layers 3 ${A[@]}'
    )
    assert found.values["parallel.precision"] == "fp8"
    assert any(note.code == "conditions" for note in found.notes)


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash to expand the written script")
def test_the_written_script_passes_its_arguments(tmp_path: Path) -> None:
    plan = Plan().with_values({"model.preset": "deepseek-v3", "cluster.servers": 32, "parallel.ep": 8})
    script = tmp_path / "run.sh"
    script.write_text(write_configuration(plan, {}, "megatron"))
    echo = 'torchrun() { printf "%s\\n" "$@"; }; source "$0" --lr 1e-4'
    ran = subprocess.run(["bash", "-c", echo, str(script)], capture_output=True, text=True, check=True)
    passed = ran.stdout.split("\n")
    assert passed[:5] == ["--nnodes", "32", "--nproc-per-node", "8", "pretrain_gpt.py"]
    assert passed[passed.index("--moe-layer-freq") + 1] == "([0]*3+[1]*58)"
    assert passed[-3:-1] == ["--lr", "1e-4"]


def test_megatron_unknown_arguments_are_listed() -> None:
    found = megatron("--bf16 --lr 1e-4 --seed 3 --my-own-argument 7")
    assert found.unknown == (("my_own_argument", "7"),)


def test_megatron_layers_must_divide_into_virtual_stages() -> None:
    with pytest.raises(Refusal, match="must divide the 32 layers over 4 pipeline stages"):
        megatron("--pipeline-model-parallel-size 4 --num-layers-per-virtual-pipeline-stage 3")


@pytest.mark.parametrize(
    ("pattern", "layers", "zeros"),
    [("([0]*3+[1]*58)", 61, 3), ("[0,1,1,1]*4", 16, 4), ("([0]+[1]*2)*3", 9, 3), ([0, 1], 2, 1), ("[1]*9999999", 4, None),
     ("__import__('os')", 4, None), ("([1]*2", 2, None), ("[1]*3", 4, None)],
)  # fmt: skip
def test_layer_patterns_are_read_and_never_evaluated(pattern: object, layers: int, zeros: int | None) -> None:
    found = pattern_of(pattern, layers)
    assert (None if found is None else found.count(0)) == zeros
