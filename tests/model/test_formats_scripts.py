"""Scripts as a shell reads them; each input was once read as something else."""

from __future__ import annotations

import pytest

from mitsumori.model.base.refusal import Refusal
from mitsumori.model.formats import NamedRefusal
from mitsumori.model.plan.plan import Plan
from tests.model.formats_read import imported

M = ("pretrain_gpt.py --num-layers 32 --hidden-size 4096 --num-attention-heads 32 --seq-length 4096 --micro-batch-size 1 "
     "--global-batch-size 1024 --tensor-model-parallel-size 2 --bf16")  # fmt: skip
BIG = ("pretrain_gpt.py --num-layers 61 --hidden-size 7168 --num-attention-heads 128 --seq-length 4096 --micro-batch-size 1 "
       "--global-batch-size 256 --swiglu --num-experts 256 --moe-ffn-hidden-size 2048 --ffn-hidden-size 18432 ")  # fmt: skip
COMMENT = r"""#   --load-old-checkpoint \
ARGS=" \
    --tensor-model-parallel-size 4 --pipeline-model-parallel-size 12 \
    --num-layers 70 --hidden-size 14336 --num-attention-heads 112 \
    --seq-length 2048 --micro-batch-size 2 --global-batch-size 2048 \
    "
python -u pretrain_gpt.py $ARGS
"""
NODES = r"""GPUS_PER_NODE=8
NNODES=$SLURM_NNODES
torchrun --nproc_per_node $GPUS_PER_NODE --nnodes $NNODES pretrain_gpt.py --tensor-model-parallel-size 4 \
  --pipeline-model-parallel-size 12 --num-layers 48 --hidden-size 8192 --num-attention-heads 64 --seq-length 2048 \
  --micro-batch-size 2 --global-batch-size 1536 --bf16
"""
FREQUENCY = (
    'F="["; for i in $(seq 1 61); do if [ $i -le 3 ]; then F+="0,"; else F+="1,"; fi; done; F+="]"\n'
    f"torchrun --nproc_per_node 8 {BIG} --moe-router-topk 8 --moe-layer-freq $F\n"
)
# script, what must be read (plan paths; "gpus")
READ: list[tuple[str, str, dict[str, object]]] = [
    ("comment", COMMENT, {"parallel.tp": 4, "parallel.pp": 12, "parallel.micro_batch": 2, "parallel.global_batch": 2048,
                          "model.architecture.layers": 70}),
    ("header", "#SBATCH --nodes=24\n#SBATCH --gpus-per-node=8\n" + NODES, {"gpus": 192, "cluster.servers": 24}),
    ("no header", NODES, {"gpus": None, "parallel.tp": 4}),
    ("recipes", "mpirun -np 16 python examples/finetuning.py --seq-length 4096 --micro-batch-size 1 --global-batch-size 256 "
                "--base-model /models/base --bf16 --fsdp-activation-checkpointing --sharding-strategy FULL_SHARD "
                "--train-iters 1000", {"gpus": 16, "parallel.zero_stage": 3, "parallel.recompute": "full",
                                       "workload.tokens": 1000 * 256 * 4096}),
    ("sum", f"A=1000; B=500\nTRAIN_ITERS=$((${{A}} + ${{B}}))\npython {M} --train-iters ${{TRAIN_ITERS}}",
     {"workload.tokens": 1500 * 1024 * 4096}),
    ("parentheses", f"A=1000; B=500\nTRAIN_ITERS=$(( (A + B) * 2 ))\npython {M} --train-iters ${{TRAIN_ITERS}}",
     {"workload.tokens": 3000 * 1024 * 4096}),
    ("shared", f"MOE_FFN=2048; N_SHARED=1\ntorchrun --nproc_per_node 8 {BIG} "
               "--moe-shared-expert-intermediate-size $((${MOE_FFN} * ${N_SHARED}))",
     {"model.architecture.moe_shared_ffn": 2048}),
    ("sbatch", f"#SBATCH --nodes=8\n#SBATCH --gpus-per-node=8\nsrun python {M} --pipeline-model-parallel-size 2",
     {"gpus": 64, "cluster.servers": 8, "parallel.pp": 2}),
    ("pbs", f"#PBS -l select=4:ngpus=8\nmpirun -np $NUM_GPUS python {M}", {"gpus": 32}),
    ("abci", f"#$ -l rt_AF=8\nmpirun -np $NUM_GPUS python {M}", {"gpus": 64}),
    ("deepspeed", f"deepspeed --num_nodes 2 --num_gpus 8 {M} --train-tokens 300000000000 --pad-vocab-size-to 99584",
     {"gpus": 16, "workload.tokens": 3e11, "model.architecture.vocab": 99584}),
    ("conditional", 'if [ "$CKPT" = yes ]; then\n  EXTRA="--deepspeed-activation-checkpointing"\nfi\n'
                    f"torchrun --nproc_per_node 8 {M} $EXTRA", {"parallel.recompute": "full"}),
    ("frequency", FREQUENCY, {"model.architecture.moe_dense_layers": 3}),
    ("part", "source ./model_args.sh\nPERF_ARGS=( --tensor-model-parallel-size 4 --pipeline-model-parallel-size 4 "
             "--context-parallel-size 2 --expert-model-parallel-size 16 )\npython train.py ${MODEL_ARGS[@]} ${PERF_ARGS[@]}",
     {"parallel.tp": 4, "parallel.pp": 4, "parallel.cp": 2, "parallel.ep": 16, "parallel.precision": None,
      "parallel.recompute": None, "parallel.zero_stage": None}),
    ("comments in backticks", f"torchrun --nproc_per_node 8 {M} `# the stages` \\\n  --pipeline-model-parallel-size 4 "
                              "`# and steps` \\\n  --train-iters 1000\n",
     {"parallel.tp": 2, "parallel.pp": 4, "workload.tokens": 1000 * 1024 * 4096}),
    ("associative array", "declare -A LAYERS=([7b]=28 [72b]=80)\nSIZE=72b\nPP=(1 2 4)\n"
                          f"torchrun --nproc_per_node 8 {M.replace('--num-layers 32', '--num-layers ${LAYERS[$SIZE]}')} "
                          "--pipeline-model-parallel-size ${PP[1]}", {"model.architecture.layers": 80, "parallel.pp": 2}),
    ("function", 'train() { local pp=$1; shift; torchrun --nproc_per_node 8 pretrain_gpt.py --pipeline-model-parallel-size $pp '
                 f'"$@"; }}\ntrain 4 {M.replace("pretrain_gpt.py ", "")}\n', {"parallel.pp": 4, "model.architecture.layers": 32}),
    ("defaults and alternatives", ': "${PP:=4}"\nEXTRA="--recompute-granularity full"\n'
                                  f"torchrun --nproc_per_node 8 {M} --pipeline-model-parallel-size $PP ${{EXTRA:+$EXTRA}}",
     {"parallel.pp": 4, "parallel.recompute": "full"}),
    ("short conditions", "FP8=0\nARGS=''\n[[ $FP8 == 1 ]] && ARGS=\"--fp8-format hybrid\"\n[ $FP8 -eq 1 ] || "
                         f'ARGS="--recompute-granularity full"\ntorchrun --nproc_per_node 8 {M} $ARGS',
     {"parallel.precision": "bf16", "parallel.recompute": "full"}),
    ("bridge", "GLOBAL_BATCH_SIZE=128; TRAIN_ITERS=50\ntorchrun --nproc_per_node=8 run_recipe.py --recipe example "
               "train.global_batch_size=$GLOBAL_BATCH_SIZE train.train_iters=$TRAIN_ITERS", {"parallel.global_batch": 128}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), [row[1:] for row in READ], ids=[row[0] for row in READ])
def test_a_script_is_read_as_a_shell_reads_it(text: str, wanted: dict[str, object]) -> None:
    found = imported(text)
    plan = Plan().with_values({"parallel.global_batch": None})
    document = found.document(plan)
    assert document["params"] > 0
    for path, value in wanted.items():
        have = document["gpus"] if path == "gpus" else document["read"].get(path, document["assumed"].get(path))
        assert have == value, path


def test_layers_from_a_loop_give_the_whole_count() -> None:
    mla = ("--multi-latent-attention --q-lora-rank 1536 --kv-lora-rank 512 --qk-head-dim 128 --qk-pos-emb-head-dim 64 "
           "--v-head-dim 128 --vocab-size 129280 --moe-shared-expert-intermediate-size 2048 "
           "--untie-embeddings-and-output-weights --disable-bias-linear --normalization RMSNorm "
           "--position-embedding-type rope")  # fmt: skip
    assert imported(FREQUENCY.strip() + " " + mla).document(Plan())["params"] == pytest.approx(671.0e9, rel=0.002)


def test_a_command_ends_with_its_line() -> None:
    found = imported(f"torchrun --nproc_per_node 8 {M} --recompute-modules moe_act layernorm\necho done\n")
    assert dict(found.unknown)["recompute_modules"] == "moe_act,layernorm"  # named without selective recomputation
    found = imported(
        f"torchrun --nproc_per_node 8 {M} --recompute-granularity selective --recompute-modules moe_act layernorm\ntrue\n"
    )
    assert found.values["parallel.recompute_modules"] == ["moe_act", "layernorm"] and not found.unknown


def test_two_sizes_in_one_script_are_both_named_and_none_is_taken() -> None:
    text = ("SIZE=$1\nif [ $SIZE = 7B ]; then L=28; H=3584; A=28; elif [ $SIZE = 72B ]; then L=80; H=8192; A=64; fi\n"
            "torchrun --nproc_per_node 8 pretrain_gpt.py --num-layers $L --hidden-size $H --num-attention-heads $A "
            "--seq-length 4096 --micro-batch-size 1 --global-batch-size 16")  # fmt: skip
    found = imported(text)
    assert found.said_shape == {} and "model.architecture" not in found.values
    said = " ".join(found.report(Plan(), "en"))
    assert "28, 80" in said and "3584, 8192" in said


def test_gpt_oss_is_gated() -> None:
    text = ("torchrun --nproc_per_node 8 pretrain_gpt.py --num-layers 24 --hidden-size 2880 --ffn-hidden-size 2880 "
            "--num-attention-heads 64 --kv-channels 64 --num-experts 32 --moe-router-topk 4 --quick-geglu --seq-length 4096 "
            "--micro-batch-size 1 --global-batch-size 16")  # fmt: skip
    assert imported(text).document(Plan())["params"] == pytest.approx(20.3e9, rel=0.01)


def test_state_space_layers_are_refused() -> None:
    with pytest.raises(Refusal, match="state-space"):
        imported('torchrun --nproc_per_node 8 pretrain_mamba.py --hybrid-override-pattern "M-M-M*-M-" --num-layers 56 '
                 "--hidden-size 4096 --num-attention-heads 32 --seq-length 4096 --micro-batch-size 4 "
                 "--global-batch-size 1024 --bf16")  # fmt: skip


def test_a_layout_beyond_the_gpus_is_refused_on_import() -> None:
    found = imported("torchrun --nproc_per_node 8 --nnodes 1 pretrain_gpt.py --num-layers 96 --hidden-size 12288 "
                     "--num-attention-heads 96 --seq-length 2048 --micro-batch-size 1 --global-batch-size 128 "
                     "--tensor-model-parallel-size 8 --pipeline-model-parallel-size 16")  # fmt: skip
    with pytest.raises(NamedRefusal, match="128 GPUs, and the file says 8") as refused:
        found.apply(Plan())
    assert "128 GPU" in refused.value.text("ja")


def test_a_compiled_loss_is_no_compiled_model() -> None:
    text = '[model]\nname = "llama3"\nflavor = "8B"\n[training]\nlocal_batch_size = 1\nseq_len = 8192\n[compile]\nenable = true\n'
    assert imported(text).values["parallel.compiled"] is True
    assert imported(text + 'components = ["loss"]\n').values["parallel.compiled"] is False


def test_nesting_without_end_is_refused_in_one_sentence() -> None:
    try:
        found = imported("python pretrain_gpt.py --num-layers 2 --hidden-size " + "$(echo " * 3000 + "8" + ")" * 3000)
    except Refusal as refusal:
        assert "nest" in str(refusal)
    else:
        assert found.said_shape.get("hidden") in (None, 8)


def test_a_deepspeed_file_that_is_not_here_leaves_the_sharding_open() -> None:
    """``--deepspeed ds.json`` was read as ZeRO 0, "the tool's own default"; a name that says its stage is read."""
    command = "deepspeed --num_gpus=8 --num_nodes=2 train.py --model_name_or_path Qwen/Qwen3-8B --deepspeed {} --bf16 True " \
              "--per_device_train_batch_size 2 --gradient_accumulation_steps 4 --model_max_length 4096"  # fmt: skip
    found = imported(command.format("conf/ds.json"))
    assert "parallel.zero_stage" not in found.values and "conf/ds.json" in " ".join(found.report(Plan(), "en"))
    assert found.accelerators == 16
    assert imported(command.format("conf/ds_zero2.json")).values["parallel.zero_stage"] == 2


@pytest.mark.parametrize(("recipe", "preset", "stage"), [
    ("llama31_8b_pretrain_config", "llama3.1-8b", "pretrain"), ("qwen3_30b_a3b_sft_config", "qwen3-30b-a3b", "sft"),
    ("llama3_8b_finetune_config", "llama3-8b", "lora"),
])  # fmt: skip
def test_a_bridge_command_says_its_recipe_and_its_launcher_the_gpus(recipe: str, preset: str, stage: str) -> None:
    found = imported(
        f"torchrun --nnodes=4 --nproc_per_node=8 scripts/run_recipe.py --recipe {recipe} "
        "model.tensor_model_parallel_size=2 model.context_parallel_size=4 train.global_batch_size=512"
    )
    assert found.accelerators == 32 and found.values["model.preset"] == preset
    assert found.values["workload.stage"] == stage
    assert (found.values["parallel.tp"], found.values["parallel.cp"]) == (2, 4)


def test_the_command_of_trtllm_serve_is_not_the_model() -> None:
    for command in (
        "trtllm-serve serve nvidia/Llama-3.1-8B-FP8 --tp_size 8",
        "trtllm-serve nvidia/Llama-3.1-8B-FP8 --tp_size 8",
    ):
        found = imported(command)
        assert found.values["model.preset"] == "llama3.1-8b" and found.values["serving.tp"] == 8


@pytest.mark.parametrize("counts", ["-N4 -n32", "-N 4 -n 32", "--nodes=4 --ntasks=32", "-N4 -n32 --gpus-per-task=1"])
def test_numbers_glued_to_the_options_of_srun_are_read(counts: str) -> None:
    assert imported(f"srun {counts} python {M}").accelerators == 32
