"""Models drawn at random, their parameter counts worked out here, and the ways in which shells and configurations say them."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, replace
from typing import Any, Final

from hypothesis import strategies as st


@dataclass(frozen=True)
class Drawn:
    """A decoder as a person would describe it; ``experts`` 0 is dense."""

    layers: int
    hidden: int
    heads: int
    groups: int
    size: int
    ffn: int
    vocab: int
    gated: bool
    tied: bool
    experts: int = 0
    topk: int = 0
    width: int = 0
    shared: int = 0
    dense: int = 0

    def parameters(self) -> int:
        """Matrices of attention, feed-forward, router and embeddings, and the norms' vectors (RMSNorm, no biases)."""
        attention = self.hidden * self.size * (2 * self.heads + 2 * self.groups)
        parts = 3 if self.gated else 2
        feed = parts * self.hidden * self.ffn
        each = parts * self.hidden * self.width
        sparse = self.experts * each + self.hidden * self.experts + parts * self.hidden * self.shared
        dense = self.dense if self.experts else self.layers
        total = self.layers * (attention + 2 * self.hidden) + dense * feed + (self.layers - dense) * sparse
        return total + self.hidden + self.vocab * self.hidden * (1 if self.tied else 2)


@st.composite
def models(draw: st.DrawFn) -> Drawn:
    size, heads = draw(st.sampled_from([64, 80, 128])), draw(st.sampled_from([8, 16, 32]))
    layers = draw(st.integers(2, 60))
    moe = draw(st.booleans())
    return Drawn(
        layers, heads * size, heads, draw(st.sampled_from([g for g in (1, 2, 4, 8, heads) if heads % g == 0])), size,
        64 * draw(st.integers(8, 200)), 128 * draw(st.integers(100, 1500)), draw(st.booleans()), draw(st.booleans()),
        *((draw(st.sampled_from([4, 16, 64])), draw(st.integers(1, 4)), 64 * draw(st.integers(2, 60)),
           draw(st.sampled_from([0, 512])), draw(st.integers(0, min(2, layers - 1)))) if moe else ()),
    )  # fmt: skip


def options_of(model: Drawn) -> list[tuple[str, int | str | None]]:
    """Megatron-LM's options; None: a flag."""
    found: list[tuple[str, int | str | None]] = [
        ("num-layers", model.layers), ("hidden-size", model.hidden), ("num-attention-heads", model.heads),
        ("kv-channels", model.size), ("ffn-hidden-size", model.ffn), ("vocab-size", model.vocab),
        ("normalization", "RMSNorm"), ("disable-bias-linear", None), ("position-embedding-type", "rope"),
        ("seq-length", 4096), ("micro-batch-size", 1), ("global-batch-size", 64), ("bf16", None),
    ]  # fmt: skip
    if model.groups != model.heads:
        found += [("group-query-attention", None), ("num-query-groups", model.groups)]
    found += [("swiglu", None)] if model.gated else []
    found += [] if model.tied else [("untie-embeddings-and-output-weights", None)]
    if model.experts:
        found += [("num-experts", model.experts), ("moe-router-topk", model.topk), ("moe-ffn-hidden-size", model.width)]
        found += [("moe-shared-expert-intermediate-size", model.shared)] if model.shared else []
        found += [("moe-layer-freq", f"([0]*{model.dense}+[1]*{model.layers - model.dense})")] if model.dense else []
    return found


WAYS: Final = ("literal", "variable", "braces", "quoted", "product", "sum", "nested", "default", "expr", "known branch", "open branch",
               "export", "function", "case", "other script", "position", "override", "comment", "let", "ternary",
               "statement", "known case", "chain", "replaced")  # fmt: skip


def said(way: str, name: str, value: int, dice: random.Random) -> tuple[list[str], str]:
    """Lines that prepare a number and the word that stands for it on the command line."""
    wrong = value + dice.choice([1, 2, 8])
    half = dice.randint(1, max(1, value - 1))
    factor = next((f for f in (8, 4, 2, 3, 5) if value % f == 0), 1)
    ways: dict[str, tuple[list[str], str]] = {
        "literal": ([], str(value)),
        "variable": ([f"{name}={value}"], f"${name}"),
        "braces": ([f"{name}={value}  # not {wrong}"], f"${{{name}}}"),
        "quoted": ([f'{name}="{value}"'], f'"${{{name}}}"'),
        "product": ([f"{name}_A={factor}; {name}_B={value // factor}"], f"$(({name}_A * ${{{name}_B}}))"),
        "sum": ([f"{name}_A={half}", f"{name}=$((${{{name}_A}} + {value - half}))"], f"${name}"),
        "nested": ([f"A={half}", f"{name}=$(( (A + {value - half}) * 1 ))"], f"${name}"),
        "default": ([], f"${{{name}:-{value}}}"),
        "expr": ([f"{name}=$(expr {half} + {value - half})"], f"${name}"),
        "known branch": ([f"K{name}=big", f'if [ "$K{name}" = "big" ]; then', f"  {name}={value}", "else", f"  {name}={wrong}",
                          "fi"], f"${name}"),
        "open branch": ([f'if [ "$1" = "big" ]; then {name}={value}; else {name}={wrong}; fi'], f"${name}"),
        "export": ([f"export {name}={value}"], f"${name}"),
        "function": ([f"set_{name}() {{ {name}=$1; }}", f"set_{name} {value}"], f"${name}"),
        "case": (["case $SIZE in", f"  small) {name}={wrong} ;;", f"  *) {name}={value} ;;", "esac"], f"${name}"),
        "other script": (["source ./sizes.sh"], f"${name}"),
        "position": ([f"{name}=$2"], f"${name}"),
        "override": ([f"{name}={wrong}", f"{name}={value}"], f"${name}"),
        "comment": ([f"# {name}={wrong} \\", f"{name}={value}"], f"${name}"),
        "let": ([f"let {name}={half}+{value - half}"], f"${name}"),
        "statement": ([f"(( {name} = {half} + {value - half} ))"], f"${name}"),
        "known case": ([f"K{name}=b7", f"case $K{name} in", f"  a*) {name}={wrong} ;;", f"  b7|b8) {name}={value} ;;", "esac"], f"${name}"),
        "chain": ([f"{name}={value}", f'[[ -z "1" || {half} -gt {value + 9} ]] && {name}={wrong}'], f"${name}"),
        "replaced": ([f"{name}={'_'.join(str(value))}", f"{name}=${{{name}//_/}}"], f"${name}"),
        "ternary": ([f"{name}=$(( {half} > 0 ? {value} : {wrong} ))"], f"${name}"),
    }  # fmt: skip
    return ways[way]


FRAMES: Final = ("inline", "string", "array", "appended", "function", "eval", "bash -c", "heredoc", "equals", "crlf")


def script_of(model: Drawn, dice: random.Random, ways: tuple[str, ...], frame: str, noise: frozenset[str]) -> str:
    """A launch script that trains ``model``, written in some of a shell's ways."""
    head = ["#!/bin/bash"]
    words: list[str] = []
    for option, value in options_of(model):
        if value is None:
            words.append(f"--{option}")
        elif isinstance(value, int):
            lines, word = said(dice.choice(ways), option.upper().replace("-", "_"), value, dice)
            head += lines
            words.append(f"--{option}={word}" if frame == "equals" else f"--{option} {word}")
        else:
            words.append(f'--{option} "{value}"')
    dice.shuffle(words)
    if "header" in noise:
        head[1:1] = ["#SBATCH --nodes=2", "#SBATCH --gpus-per-node=8"]
    if "old" in noise:
        head.append("# --num-layers 3 --hidden-size 64 \\")
    if "echo" in noise:
        head.append('echo "starting with --num-layers 3 --hidden-size 64"')
    run = "torchrun --nproc_per_node 8 pretrain_gpt.py"
    tail = " 2>&1 | tee train.log" if "tee" in noise else ""
    if "sweep" in noise:
        tail += "\necho done --num-layers 2"
    if frame in ("inline", "equals", "crlf"):
        body = [run + " \\\n  " + " \\\n  ".join(words) + tail]
    elif frame == "string":
        body = [
            'ARGS=" \\\n  ' + " \\\n  ".join(word.replace('"', "") for word in words) + ' \\\n"',
            f"{run} $ARGS{tail}",
        ]
    elif frame == "array":
        body = ["ARGS=(\n  " + "\n  ".join(f"{word}  # kept" for word in words) + "\n)", f'{run} "${{ARGS[@]}}"{tail}']
    elif frame == "appended":
        body = ["ARGS=()", *(f"ARGS+=({word})" for word in words), f"{run} ${{ARGS[@]}}{tail}"]
    elif frame == "function":
        body = ["train() {", f"  {run} \\\n    " + " \\\n    ".join(words), "}", f"train{tail}"]
    elif frame == "eval":
        body = [
            'CMD="' + " ".join([run, *(word.replace('"', "'") for word in words)]) + '"',
            "echo $CMD",
            f"eval $CMD{tail}",
        ]
    elif frame == "bash -c":
        body = [f'srun bash -c "{" ".join([run, *(word.replace(chr(34), chr(39)) for word in words)])}"{tail}']
    else:
        body = [
            "cat > note.txt <<'END'",
            "--num-layers 2 --hidden-size 64",
            "END",
            run + " \\\n  " + " \\\n  ".join(words) + tail,
        ]
    text = "\n".join([*head, *body]) + "\n"
    return text.replace("\n", "\r\n") if frame == "crlf" else text


OPEN: Final = frozenset({"open branch", "other script", "position", "case"})
"""Ways that leave a number to what only the machine knows, or that the reader does not follow."""


@st.composite
def scripts(draw: st.DrawFn, certain: bool = False) -> tuple[Drawn, str]:
    model = draw(models())
    ways = tuple(
        draw(st.lists(st.sampled_from([way for way in WAYS if not certain or way not in OPEN]), min_size=1, max_size=4))
    )
    noise = draw(st.frozensets(st.sampled_from(["header", "old", "echo", "tee", "sweep"])))
    return model, script_of(
        model, random.Random(draw(st.integers(0, 10**9))), ways, draw(st.sampled_from(FRAMES)), noise
    )


KINDS: Final = (
    "llama",
    "mistral",
    "qwen3",
    "qwen3_moe",
    "qwen2",
    "glm4_moe",
    "olmo2",
    "phi3",
    "granite",
    "brandnew",
    "",
)
"""Families whose code adds nothing to the drawn parts; their feed-forward part is gated."""
SPELLED: Final = {
    "layers": ("num_hidden_layers", "n_layer", "n_layers", "num_layers"), "hidden": ("hidden_size", "n_embd", "d_model", "dim"),
    "heads": ("num_attention_heads", "n_head", "n_heads"), "groups": ("num_key_value_heads", "n_kv_heads", "num_query_groups"),
    "ffn": ("intermediate_size", "ffn_hidden_size", "n_inner", "ffn_dim"), "vocab": ("vocab_size", "padded_vocab_size"),
    "experts": ("num_experts", "num_local_experts", "n_routed_experts", "moe_num_experts", "expert_count"),
    "topk": ("num_experts_per_tok", "moe_topk", "moe_k", "experts_chosen"),
    "width": ("moe_intermediate_size", "expert_intermediate_size", "expert_width"),
    "shared": ("shared_expert_intermediate_size", "shared_width"),
    "dense": ("first_k_dense_replace", "num_dense_layers", "leading_dense"),
}  # fmt: skip


@st.composite
def configurations(draw: st.DrawFn) -> tuple[Drawn, str]:
    """``config.json`` of a drawn model under some family's name, with common and with unheard-of spellings."""
    model, kind = draw(models()), draw(st.sampled_from(KINDS))
    model = model if kind in ("brandnew", "") else replace(model, gated=True)
    data: dict[str, Any] = {"model_type": kind, "head_dim": model.size, "tie_word_embeddings": model.tied}
    odd = draw(st.booleans())
    for field, names in SPELLED.items():
        value = getattr(model, field)
        if value or field in ("layers", "hidden", "heads", "ffn", "vocab"):
            data[draw(st.sampled_from(names)) if odd else names[0]] = value
    data["hidden_act"] = "silu" if model.gated else draw(st.sampled_from(["relu2", "gelu_new", "silu"]))
    if draw(st.booleans()):
        data = {
            "model_type": "somevl",
            "text_config": data,
            "vision_config": {"depth": 4, "hidden_size": 256, "num_heads": 4},
        }
    return model, json.dumps(data)
