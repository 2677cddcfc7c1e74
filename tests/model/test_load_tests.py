"""A customer's load test: four tools' results read, kept as a correction, and the proposal narrowed by it."""

import json
import math

import pytest

from mitsumori.model.base.refusal import Refusal
from mitsumori.model.cli import main
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.formats.load_tests import read_load_tests
from mitsumori.model.plan.project import load_sample, open_plan
from tests.model.load_test_files import AIPERF, FILES, GUIDELLM, INFERENCE_PERF, VLLM


@pytest.mark.parametrize(
    "document", [VLLM, GUIDELLM, AIPERF, INFERENCE_PERF], ids=["vllm", "guidellm", "aiperf", "perf"]
)
def test_every_tool_is_read(document):
    tests = read_load_tests(json.dumps(document).encode())
    last = tests[-1]
    assert (last.prompt_tokens, last.output_tokens) == (1000, 300)
    assert last.tpot_ms == pytest.approx(40)
    assert last.ttft_s == pytest.approx(0.4, rel=0.03)
    assert last.output_tokens_per_s == pytest.approx(738, rel=0.06)
    # inference-perf states a rate: Little's law gives the number in flight, 2.46/s x (0.41 + 299 x 0.04) s
    assert last.concurrency == pytest.approx(32, rel=0.06)


@pytest.mark.parametrize("name", FILES)
def test_every_version_of_every_tool_is_read_and_narrows_the_proposal(name, tmp_path, capsys):
    """As the tools' own sources write them: each is read, kept in the file's corrections, and its interval is narrower."""
    text, date, model = FILES[name]
    tests = read_load_tests(text.encode())
    for test in tests:
        assert (test.prompt_tokens, test.output_tokens) == (1000, 300)
        assert test.ttft_s == pytest.approx(0.41)
        assert test.tpot_ms == pytest.approx(40.0)
        assert test.output_tokens_per_s == pytest.approx(738.0)
        assert test.concurrency == pytest.approx(32, rel=0.06)
        assert test.date.startswith(date)
        assert model in test.model
    path, out = tmp_path / f"result{name[name.index('.') :]}", tmp_path / "out.mitsumori"
    path.write_text(text, encoding="utf-8")
    assert main(["import", str(path), "--into", "serve-chat-500", "--out", str(out)]) == 0
    capsys.readouterr()
    project = open_plan(str(out))
    assert len(project.corrections) == len(tests) >= 1
    before, after = (
        estimate(project.plan, corrections=runs).serving.figures["tpot_ms"] for runs in ((), project.corrections)
    )
    assert after.high / after.low < 0.9 * before.high / before.low


def test_what_is_no_load_test_is_left_to_the_other_readers():
    for text in (b"{}", b"[1]", b"not json", b'{"model_type": "llama"}', b"\xff\xfe", b'{"benchmarks": [1]}'):
        assert read_load_tests(text) is None


def test_a_result_without_lengths_is_refused_in_one_sentence():
    with pytest.raises(Refusal, match="prompt and output tokens"):
        read_load_tests(json.dumps(VLLM | {"total_input_tokens": 0}).encode())


def imported(tmp_path, document, capsys, *more):
    path, out = tmp_path / "test.json", tmp_path / "out.mitsumori"
    path.write_text(json.dumps(document))
    status = main(["import", str(path), "--into", "serve-chat-500", "--out", str(out), "--json", *more])
    return status, capsys.readouterr(), out


def test_a_load_test_narrows_the_proposal_and_is_kept(tmp_path, capsys):
    plain = estimate(load_sample("serve-chat-500").plan).serving.figures["tpot_ms"]
    status, said, out = imported(tmp_path, GUIDELLM, capsys)
    assert status == 0
    document = json.loads(said.out)
    assert document["changes"] == {}
    assert len(document["corrections"]) == 2
    project = open_plan(str(out))
    assert [item.serving.tpot_ms for item in project.corrections] == [40.0, 40.0]
    again = open_plan(str(out))
    assert again.to_bytes() == project.to_bytes()
    moved = estimate(project.plan, corrections=project.corrections)
    figure = moved.serving.figures["tpot_ms"]
    assert math.log(figure.high / figure.low) < 0.8 * math.log(plain.high / plain.low)
    assert any(item.code == "serving_corrected" for item in moved.findings)


def test_a_slower_machine_moves_the_prediction_towards_the_test(tmp_path, capsys):
    """Twice the time a token that is predicted for the tested load: the level moves most of the way."""
    from mitsumori.model.calibration.serving_corrections import log_ratios
    from mitsumori.model.plan.resolve import resolve
    from mitsumori.model.serving.constants import shipped_serving

    plan = load_sample("serve-chat-500").plan
    _, _, out = imported(tmp_path, VLLM, capsys)
    found = open_plan(str(out))
    item = found.corrections[0]
    ratio = log_ratios(item, resolve(plan), shipped_serving())["tpot"]
    slow = item.model_copy(
        update={"serving": item.serving.model_copy(update={"tpot_ms": item.serving.tpot_ms * 2 / math.exp(ratio)})}
    )
    before, after = (
        estimate(plan.with_values({"serving.servers": 50}), corrections=runs).serving.figures["tpot_ms"].value
        for runs in ((), (slow,))
    )
    assert 1.5 < after / before < 2.3


def test_another_model_and_no_plan_are_refused(tmp_path, capsys):
    status, said, _ = imported(tmp_path, VLLM | {"model_id": "openai/gpt-oss-120b"}, capsys)
    assert status == 2
    assert "gpt-oss-120b" in said.err
    path = tmp_path / "test.json"
    assert main(["import", str(path), "--json"]) == 2
    assert "--into" in capsys.readouterr().err


def test_a_load_test_leaves_trainings_alone(tmp_path, capsys):
    _, _, out = imported(tmp_path, VLLM, capsys)
    project = open_plan(str(out))
    plan = load_sample("llama2-7b-sft").plan
    assert (
        estimate(plan, corrections=project.corrections).training.tokens_per_s_per_gpu.value
        == estimate(plan).training.tokens_per_s_per_gpu.value
    )
