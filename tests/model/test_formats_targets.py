"""What is written is what the target tools take: names of their own parsers, files of their own classes.

The lists are made from the tools' released sources by ``make_targets.py`` and kept with their versions.
"""

from __future__ import annotations

import json
import re
import warnings
from pathlib import Path
from typing import Any

import pytest

from mitsumori.model.base.refusal import Refusal
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.formats import FORMATS, left_out, read_configuration, write_configuration
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import load_sample, sample_names
from tests.model.formats_read import shape

TARGETS = Path(__file__).parent / "fixtures" / "targets"
FIXTURES = Path(__file__).parent / "fixtures" / "formats"
PRESETS = [key for key, record in Catalogue.shipped().models().items() if record.supported]
CHANGES: tuple[dict[str, Any], ...] = (
    {}, {"parallel.zero_stage": 3, "parallel.recompute": "full"}, {"parallel.zero_stage": 2, "parallel.optimizer": "muon"},
    {"parallel.pp": 2, "parallel.vp": 2, "parallel.tp": 2, "parallel.recompute": "selective", "parallel.recompute_modules": ["mlp"]},
    {"parallel.offload": "optimizer,activations", "parallel.precision": "mxfp8", "parallel.loss": "fused"},
    {"parallel.cp": 2, "parallel.context": "ulysses", "parallel.precision": "nvfp4", "parallel.gradient_precision": "bf16"},
    {"parallel.offload": "parameters,checkpoints", "parallel.precision": "fp16", "parallel.fused_attention": False},
    {"parallel.moe_dispatcher": "hybridep", "parallel.ep_overlap": True, "parallel.permute_fusion": True,
     "parallel.capacity_factor": 1.25, "parallel.cuda_graphs": "attention", "parallel.precision": "fp8"},
)  # fmt: skip


def target(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((TARGETS / f"{name}.json").read_text(encoding="utf-8"))
    assert re.fullmatch(r"\d+\.\d+\.\d+", found["version"])
    return found


def written(preset: str, format_name: str) -> list[str]:
    texts = []
    for changes in CHANGES:
        given = {
            "model.preset": preset,
            "cluster.servers": 8,
            "parallel.auto": False,
            "parallel.global_batch": 128,
            **changes,
        }
        try:
            texts.append(write_configuration(Plan().with_values(given), {}, format_name))
        except Refusal:
            continue  # 105 layers do not divide into two stages
    assert len(texts) >= 4
    return texts


@pytest.mark.parametrize("preset", PRESETS)
def test_every_option_is_one_of_megatrons_own(preset: str) -> None:
    known = set(target("megatron")["options"])
    for text in written(preset, "megatron"):
        inside = re.search(r"MITSUMORI_ARGS=\((.*?)\n\)", text, re.DOTALL)
        assert inside is not None
        options = re.findall(r"(?m)^  (--[\w-]+)", inside.group(1))
        assert len(options) >= 20 and set(options) <= known, set(options) - known


@pytest.mark.parametrize("preset", PRESETS)
def test_every_override_is_a_field_of_megatron_bridge(preset: str) -> None:
    known = target("megatron_bridge")
    for text in written(preset, "nemo"):
        for line in text.splitlines():
            path, _, value = line.partition("=")
            group, _, field = path.partition(".")
            if path == "mixed_precision":
                assert value in known["mixed_precision"]
            elif group == "checkpoint":
                assert field == "ckpt_format"  # megatron/training/config: CheckpointConfig
            else:
                assert field in known["groups"][group], line
            # Hydra reads a bare comma as a choice of values, and works nothing out
            assert "*" not in value and ("," not in value or re.fullmatch(r"\[[\w,]+\]", value)), line


@pytest.mark.parametrize("preset", ["llama3.1-8b", "deepseek-v3", "gpt3-175b"])
def test_every_key_is_one_of_deepspeeds(preset: str) -> None:
    known = set(target("deepspeed")["keys"])

    def keys(part: Any) -> set[str]:
        return set(part) | {key for value in part.values() for key in keys(value)} if isinstance(part, dict) else set()

    for text in written(preset, "deepspeed"):
        assert keys(json.loads(text)) <= known, keys(json.loads(text)) - known


def in_transformers(text: str) -> Any:
    """The configuration as transformers' own class of its ``model_type`` takes it; unknown classes: None."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import transformers
        from transformers.models.auto.configuration_auto import CONFIG_MAPPING

        transformers.logging.set_verbosity_error()
        data = json.loads(text)
        kind = data["model_type"]
        return CONFIG_MAPPING[kind].from_dict(data) if kind in CONFIG_MAPPING else None


@pytest.mark.parametrize("preset", [key for key in PRESETS if key != "glm-130b"])
def test_transformers_own_class_takes_the_file_with_rope_and_context(preset: str) -> None:
    """Read by the class and written again by it, the file is the same model, with the published base and scaling."""
    catalogue = Catalogue.shipped()
    record = catalogue.models()[preset]
    plan = Plan().with_values({"model.preset": preset, "parallel.seq_len": min(4096, record.max_context or 4096)})
    text = write_configuration(plan, {}, "huggingface")
    config = in_transformers(text)
    assert config is not None
    again = read_configuration(config.to_json_string(use_diff=False).encode(), "config.json", catalogue).apply(Plan())
    have, want = shape(again), shape(plan)
    if "model.architecture.mtp_layers" in left_out(plan, {}, "huggingface"):
        have["mtp_layers"] = want["mtp_layers"]
    assert have == want
    if record.max_context is not None:
        assert config.max_position_embeddings == record.max_context
    if record.rope:
        said = json.loads(config.to_json_string(use_diff=False))["rope_parameters"]
        local = record.rope.get("rope_local_base_freq")
        if local is not None:
            assert said["sliding_attention"]["rope_theta"] == local
            said = said["full_attention"]
        for key, value in record.rope.items():
            if key != "rope_local_base_freq":
                assert said.get(key, said.get("type") if key == "rope_type" else None) == value, key
    elif "positions" not in record.architecture or not record.architecture["positions"]:
        assert "model.rope_theta" in left_out(plan, {}, "huggingface") or config.model_type in ("bloom", "mpt")


def test_no_base_of_a_rotary_embedding_and_no_context_is_recalled() -> None:
    """What an export says of them was read somewhere, or follows from what was read; what was found nowhere is left out."""
    catalogue = Catalogue.shipped()
    known = 0
    for key, record in catalogue.models().items():
        for path in ("rope", "max_context"):
            if getattr(record, path):
                said = record.provenance(path)
                assert said is not None and said.status in ("retrieved", "derived"), (key, path)
                known += 1
    assert known >= 100


@pytest.mark.parametrize(("file", "preset"), [
    ("deepseek-v3", "deepseek-v3"), ("gpt-oss-20b", "gpt-oss-20b"), ("llama-2-70b", "llama2-70b"), ("llama-3-8b", "llama3-8b"),
    ("llama-3.1-405b", "llama3.1-405b"), ("mistral-7b-v0.1", "mistral-7b"), ("mixtral-8x7b-v0.1", "mixtral-8x7b"),
    ("qwen2.5-7b", "qwen2.5-7b"), ("qwen3-30b-a3b", "qwen3-30b-a3b"), ("gpt-neox-20b", "gpt-neox-20b"),
])  # fmt: skip
def test_rope_and_context_are_those_of_the_published_file(file: str, preset: str) -> None:
    """``config.json`` as published against the one that is written for the preset."""
    published = json.loads((FIXTURES / f"{file}.json").read_text(encoding="utf-8"))
    plan = Plan().with_values({"model.preset": preset, "parallel.seq_len": 2048})
    own = json.loads(write_configuration(plan, {}, "huggingface"))
    assert own["model_type"] == published["model_type"] and own["architectures"] == published["architectures"]
    assert own["max_position_embeddings"] == published["max_position_embeddings"]
    for key in ("rope_theta", "rotary_emb_base", "rotary_pct"):
        assert own.get(key) == published.get(key, 10_000.0 if key == "rope_theta" and "rope_theta" in own else None)
    scaling = dict(published.get("rope_scaling") or {})
    if "type" in scaling:
        scaling["rope_type"] = scaling.pop("type")
    assert (own.get("rope_scaling") or {}) == scaling


@pytest.mark.parametrize("format_name", ["megatron", "nemo"])
def test_what_a_tool_cannot_say_of_the_rotary_embedding_is_listed(format_name: str) -> None:
    def lost(preset: str) -> set[str]:
        return {
            path for path in left_out(Plan().with_values({"model.preset": preset}), {}, format_name) if "rope" in path
        }

    assert lost("llama3.1-8b") == set() and lost("qwen3-8b") == set() and lost("gpt3-175b") == set()
    assert lost("gpt-oss-20b") == ({"model.rope_scaling"} if format_name == "megatron" else set())
    assert lost("gemma-3-27b") == {"model.rope_scaling"}
    own = Plan().with_values({"model.preset": "llama3.1-8b", "model.architecture": None})
    changed = own.with_values({"model.preset": None, "model.params": 3e9})
    assert "model.rope_theta" in left_out(changed, {}, format_name)


def test_llama_31_stays_itself_through_every_format_that_says_a_shape() -> None:
    for format_name in ("huggingface", "megatron"):
        for preset in ("llama3.1-8b", "llama3-8b"):
            text = write_configuration(Plan().with_values({"model.preset": preset}), {}, format_name)
            assert read_configuration(text).apply(Plan()).model.preset == preset


@pytest.mark.parametrize("name", sample_names())
def test_every_sample_is_written_or_refused_in_one_sentence(name: str) -> None:
    """Of a plan that serves the layout is one of the servers that serve: divided by the typed cluster it was a crash."""
    plan = load_sample(name).plan
    result = estimate(plan)
    for some in (plan, result.counted(plan)):
        for format in FORMATS:
            try:
                assert write_configuration(some, result.training.parallel, format).strip()
            except Refusal as refusal:
                assert len(str(refusal).splitlines()) == 1
