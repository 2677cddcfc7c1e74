"""Every option of Megatron-LM's own parser that tells a size, a count or a number of tokens: none is passed over in silence.

The list of options is Megatron-LM's (tests/model/fixtures/targets/megatron.json). Each is put into a script of a dense and of
a mixture-of-experts model: what was read changes, or the file is refused, or the option is named among what was not taken.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

import pytest

from mitsumori.model.base.refusal import Refusal
from mitsumori.model.formats import read_configuration

OPTIONS: Final = json.loads((Path(__file__).parent / "fixtures/targets/megatron.json").read_text("utf-8"))["options"]
SIZES: Final = re.compile(
    r"size|dim|layers|heads|rank|experts|latent|ffn|groups|samples|iters|tokens|batch|width|channels|positions|length"
)
ELSEWHERE: Final = re.compile(
    r"inference|^--rl-|profile|log|tokenizer|ckpt|eval|save|grpo|fim|biencoder|bert|ict|dino|retriev|vision|img|patch|mask|"
    r"tensorboard|wandb|straggler|ft-|inprocess|fault|trace|loss-scale"
)
"""Options of generation, logging, files, tokenizers and other models: not the training of a language model."""
WITHOUT: Final = {
    # another word for one that the script has already; read where it stands alone (below)
    "--batch-size", "--model-parallel-size", "--encoder-num-layers", "--encoder-seq-length",
    # Megatron-LM itself takes them only together with a flag; read with it (below)
    "--kv-lora-rank", "--q-lora-rank", "--qk-head-dim", "--qk-pos-emb-head-dim", "--v-head-dim", "--num-query-groups",
    "--recompute-num-layers", "--moe-router-num-groups", "--mscale-all-dim",
    # the learning rate, ranks of a machine, buffers: nothing of memory and time that a plan says
    "--lr-decay-iters", "--lr-decay-samples", "--lr-warmup-iters", "--lr-warmup-samples", "--lr-wsd-decay-iters",
    "--lr-wsd-decay-samples", "--local-rank", "--high-priority-stream-groups", "--ddp-bucket-size",
    "--max-seqlen-per-dp-cp-rank", "--tiktoken-num-special-tokens", "--first-last-layers-bf16",
    # three numbers; with one alone it says nothing
    "--rampup-batch-size",
}  # fmt: skip
DENSE: Final = (
    "torchrun --nproc_per_node 8 --nnodes 4 pretrain_gpt.py --num-layers 32 --hidden-size 4096 --num-attention-heads 32 "
    "--ffn-hidden-size 11008 --seq-length 4096 --max-position-embeddings 4096 --micro-batch-size 1 --global-batch-size 256 "
    "--tensor-model-parallel-size 2 --bf16 --swiglu --vocab-size 32000 --train-iters 1000 --use-distributed-optimizer"
)
EXPERTS: Final = DENSE + " --num-experts 8 --moe-router-topk 2 --moe-ffn-hidden-size 2048"


def said(script: str) -> Any:
    """Everything that an import says of a script, or that it is refused."""
    try:
        found = read_configuration(script, "train.sh")
    except Refusal as refusal:
        return str(refusal)
    return found.values, found.said_shape, found.unknown, tuple(note.code for note in found.notes)


@pytest.mark.parametrize("option", [name for name in OPTIONS if SIZES.search(name) and not ELSEWHERE.search(name)])
def test_no_option_of_a_size_is_passed_over(option: str) -> None:
    changed = any(said(f"{script} {option} 24") != said(script) for script in (DENSE, EXPERTS))
    assert changed != (option in WITHOUT)


def test_older_words_are_read_where_they_stand_alone() -> None:
    older = DENSE.replace("--num-layers", "--encoder-num-layers").replace("--seq-length", "--encoder-seq-length")
    older = older.replace("--micro-batch-size", "--batch-size").replace(
        "--tensor-model-parallel-size", "--model-parallel-size"
    )
    assert said(older) == said(DENSE)


def test_what_needs_a_flag_is_read_with_it() -> None:
    latent = {"q-lora-rank": 1536, "kv-lora-rank": 512, "qk-head-dim": 128, "qk-pos-emb-head-dim": 64, "v-head-dim": 96}
    words = " ".join(f"--{name} {value}" for name, value in latent.items())
    shape = read_configuration(f"{DENSE} --multi-latent-attention {words}").said_shape
    names = ("q_lora_rank", "kv_lora_rank", "qk_nope_dim", "qk_rope_dim", "v_head_dim")
    assert [shape[name] for name in names] == list(latent.values())
    assert read_configuration(f"{DENSE} --group-query-attention --num-query-groups 4").said_shape["kv_heads"] == 4
