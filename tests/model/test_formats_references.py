"""References between values of a settings file, containers' commands, heredocs and loops of scripts, each by itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mitsumori.model.base.refusal import Refusal
from mitsumori.model.formats import read_configuration
from mitsumori.model.formats.arithmetic import reckoned
from mitsumori.model.formats.containers import command_of
from mitsumori.model.formats.interpolation import resolved
from mitsumori.model.formats.shell import script_of


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("${a.b}", 7), ("${.d}", 5), ("${..a.b}", 7), ("x${a.b}y", "x7y"), ("${multiply:4,${a.b}}", 28), ("${divide:28,4}", 7),
        ("${sum:1,2,${.d}}", 8), ("${oc.env:SIZE,9}", 9), ("${oc.env:SIZE}", "${oc.env:SIZE}"), ("${nowhere}", "${nowhere}"),
        ("${c.me}", "${c.me}"), ("${multiply:a,b}", "${multiply:a,b}"), ("plain", "plain"), ("${chain.one}", 7),
    ],
)  # fmt: skip
def test_a_reference_is_what_it_refers_to(written: str, value: object) -> None:
    flat = {"a.b": 7, "c.d": 5, "c.me": written, "chain.one": "${chain.two}", "chain.two": "${a.b}"}
    assert resolved(flat)["c.me"] == value


@given(st.dictionaries(st.sampled_from("abcde"), st.lists(st.sampled_from("abcde"), max_size=40)))
def test_circles_and_fans_of_references_end(links: dict[str, list[str]]) -> None:
    """Every value is worked out once: forty references to forty references are no explosion."""
    flat = {name: "".join(f"${{{other}}}" for other in others) for name, others in links.items()}
    assert set(resolved(flat)) == set(flat)


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("docker run --gpus all vllm/vllm-openai:v0.9 --model a/b", "docker run --gpus all vllm serve --model a/b"),
        ("services:\n  s: {image: vllm/vllm-openai, command: '--model a/b -tp 2'}\n", "vllm serve --model a/b -tp 2"),
        (
            "spec:\n  containers:\n  - image: x/y\n    command: [bash, -c]\n    args: ['vllm serve a/b']\n",
            "vllm serve a/b",
        ),
        (
            "spec:\n  containers:\n  - image: x/y\n    command: [python, t.py]\n    args: [--n, 2]\n",
            "python t.py --n 2",
        ),
        ('FROM vllm/vllm-openai:latest\nCMD ["--model", "a/b"]\n', "vllm serve --model a/b"),
        ("FROM x\nRUN y\n", None),
        ("image: picture.png\n", None),
        ("vllm serve a/b\n", None),
    ],
)
def test_a_container_starts_its_command(text: str, command: str | None) -> None:
    assert command_of(text) == command


@pytest.mark.parametrize(
    "text",
    [
        "f() {\n  cat <<EOF\n--a $L\nEOF\n}\nL=3\nx $(f)\n",
        "L=3\nx $(cat <<EOF\n--a $L\nEOF\n)\n",
        "L=3\nread -r -d '' A <<EOF\n--a $L\nEOF\nx $A\n",
        "L=3\ncat > run.sh <<EOF\nx --a $L\nEOF\nsbatch run.sh\n",
        "sbatch <<'EOF'\nL=3\nx --a $L\nEOF\n",
        'read -r A L <<< "--a 3"\nx $A $L\n',
    ],
)
def test_a_heredoc_is_followed_where_it_becomes_a_command(text: str) -> None:
    assert ["x", "--a", "3"] in script_of(text).commands


def test_a_quoted_heredoc_keeps_its_dollars_and_a_note_is_no_script() -> None:
    assert script_of("L=3\ncat > run.sh <<'EOF'\nx --a $L\nEOF\n").variables["L"] == "3"
    assert ["x", "--a", "3"] not in script_of("L=3\ncat > note.txt <<EOF\nx --a $L\nEOF\n").commands


def test_a_loop_that_starts_several_commands_leaves_its_variable_open() -> None:
    script = script_of("for TP in 2 4; do\n  train --tp $TP\ndone\n")
    assert script.differing == {"TP": ["2", "4"]}
    assert script.commands == [["train", "--tp", "$TP"]]


def test_a_loop_that_gathers_is_followed() -> None:
    script = script_of("A=''\nfor i in 1 2 3; do A+=$i; done\ntrain --a $A\n")
    assert ["train", "--a", "123"] in script.commands
    assert not script.differing


@pytest.mark.parametrize("experts", ['"moe_args": {"num_experts": 16}', '"num_experts": 8, "num_experts_per_tok": 2'])
def test_experts_of_a_params_json_under_another_key_are_never_a_dense_model(experts: str) -> None:
    """Llama 4 Scout's 109 B were read as dense 17 B, Mixtral's 141 B as 22 B, without a word."""
    text = (
        '{"dim": 5120, "n_layers": 48, "n_heads": 40, "n_kv_heads": 8, "vocab_size": 202048, "hidden_dim": 16384, %s}'
    )
    with pytest.raises(Refusal, match="expert"):
        read_configuration(text % experts)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("A > 2 ? 10 : 20", 10), ("A < 2 ? 10 : A == 3 ? 7 : 8", 7), ("16 << 1", 32), ("B * 2", 8), ("0x10 + 010", 24), ("2 ** 3 ** 2", 512),
        ("-7 / 2", -3), ("-7 % 3", -1), ("A > 5 && OPEN", 0), ("A > 2 || OPEN", 1), ("A > 2 && OPEN", None), ("OPEN ? 1 : 2", None),
        ("A > 2 ? 4 : OPEN", 4), ("!A", 0), ("A >= 3 & 1", 1), ("1 / 0", None), ("3 *", None), ("", None), ("9" * 40, None),
        ("1 << 99", None), ("C", None),
    ],
)  # fmt: skip
def test_arithmetic_of_the_shell(expression: str, value: int | None) -> None:
    known = {"A": "3", "B": "A + 1", "C": "C"}
    assert reckoned(expression, known.get) == value


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("N=16\nD=$((N > 8 ? N * 2 : 512))\nx --a $D\n", "32"),
        ("((A = 4 * 1024))\nx --a $A\n", "4096"),
        ("let A=3\nlet 'A += 2'\nx --a $A\n", "5"),
        ("T=1_000_000\nx --a ${T//_/}\n", "1000000"),
        ("L=(7 13 70)\nx --a ${#L[@]}\n", "3"),
        ("F=qwen3.sh\nx --a ${F%.sh}\n", "qwen3"),
        ("S=7B\ncase $S in\n 1B|2B) A=1 ;;\n 7B) A=7 ;;\n *) A=9 ;;\nesac\nx --a $A\n", "7"),
        ("S=qwen3-8b\nif [[ $S == qwen* && -n \"$S\" ]]; then A=1; else A=2; fi\nx --a $A\n", "1"),
        ("S=qwen3-8b\nif [[ $S =~ ^llama ]]; then A=1; else A=2; fi\nx --a $A\n", "2"),
        ("A=1\ntest -n \"${FP8:-}\" && A=2\nx --a $A\n", "1"),
        ("N=4\nif (( N > 3 )); then A=1; else A=2; fi\nx --a $A\n", "1"),
        ("N=4\nif ! [ $N -lt 3 -o $N -gt 9 ]; then A=1; else A=2; fi\nx --a $A\n", "1"),
        ('while [[ $# -gt 0 ]]; do\n case $1 in\n --tp) TP="$2"; shift 2 ;;\n *) shift ;;\n esac\ndone\nx --a ${TP:-4}\n', "4"),
    ],
)  # fmt: skip
def test_what_a_script_works_out(text: str, words: str) -> None:
    assert ["x", "--a", words] in script_of(text).commands


@pytest.mark.parametrize(
    "text", ["case $SIZE in\n 1B) A=1 ;;\n 7B) A=7 ;;\nesac\nx --a $A\n", 'A=1\n[ -n "$FP8" ] && A=2\nx --a $A\n']
)
def test_what_only_the_machine_knows_stays_open(text: str) -> None:
    script = script_of(text)
    assert script.conditional and ["x", "--a", "$A"] in script.commands and len(script.differing["A"]) == 2
