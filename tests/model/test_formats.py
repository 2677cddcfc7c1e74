"""Configurations of other tools: what they say becomes a plan, what they do not say is listed, and back again."""

from __future__ import annotations

import json
import string
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mitsumori.model.architecture.transformer import active_parameters, parameter_count
from mitsumori.model.base.messages import keys, text
from mitsumori.model.base.refusal import Refusal
from mitsumori.model.formats import FORMATS, read_configuration, write_configuration
from mitsumori.model.formats.families import FAMILIES
from mitsumori.model.formats.imported import ASKED, SHAPE_ASKED
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.resolve import resolve
from tests.model.formats_read import imported, megatron, shape

FIXTURES = Path(__file__).parent / "fixtures" / "formats"
HF = "https://huggingface.co/"

# (file, preset, total parameters in 1e9, active ones where published, source of the config.json, source of the count).
# Where the preset is None the catalogue has no such model.
PUBLISHED = [
    ("llama-2-70b", "llama2-70b", 68.977, None, "meta-llama/Llama-2-70b-hf"),
    ("llama-3-8b", "llama3-8b", 8.030, None, "meta-llama/Meta-Llama-3-8B"),
    ("llama-3.1-405b", "llama3.1-405b", 405.85, None, "meta-llama/Llama-3.1-405B"),
    ("mistral-7b-v0.1", "mistral-7b", 7.242, None, "mistralai/Mistral-7B-v0.1"),
    ("mixtral-8x7b-v0.1", "mixtral-8x7b", 46.703, 12.9, "mistralai/Mixtral-8x7B-v0.1"),
    ("deepseek-v3", "deepseek-v3", 671.03, 37.5, "deepseek-ai/DeepSeek-V3"),
    ("qwen2.5-7b", "qwen2.5-7b", 7.616, None, "Qwen/Qwen2.5-7B"),
    ("qwen3-30b-a3b", "qwen3-30b-a3b", 30.532, 3.35, "Qwen/Qwen3-30B-A3B"),
    ("gpt-oss-20b", "gpt-oss-20b", 20.91, 4.19, "openai/gpt-oss-20b"),
    ("gemma-3-27b", "gemma-3-27b", 27.01, None, "google/gemma-3-27b-pt"),
    ("gpt-neox-20b", "gpt-neox-20b", 20.555, None, "EleutherAI/gpt-neox-20b"),
    ("bloom-176b", "bloom-176b", 176.247, None, "bigscience/bloom"),
    ("falcon-40b", None, 41.303, None, "tiiuae/falcon-40b"),
    ("gpt2", None, 0.12444, None, "openai-community/gpt2"),
]


@pytest.mark.parametrize(
    ("file", "preset", "total", "active"), [row[:4] for row in PUBLISHED], ids=[HF + row[4] for row in PUBLISHED]
)
def test_published_config_json(file: str, preset: str | None, total: float, active: float | None) -> None:
    found = imported((FIXTURES / f"{file}.json").read_text())
    assert found.format == "huggingface"
    assert found.values.get("model.preset") == preset
    assert found.unknown == ()
    plan = found.apply(Plan())
    arch = resolve(plan).architecture
    assert float(parameter_count(arch).total) / 1e9 == pytest.approx(total, rel=5e-4)
    if active is not None:
        assert float(active_parameters(arch)) / 1e9 == pytest.approx(active, rel=5e-3)
    # a config.json says nothing of the training
    assert {"workload.tokens", "parallel.tp", "parallel.global_batch", "cluster.servers"} <= set(found.missing)


@pytest.mark.parametrize("file", [row[0] for row in PUBLISHED])
def test_published_config_survives_every_format_that_says_shapes(file: str) -> None:
    plan = imported((FIXTURES / f"{file}.json").read_text()).apply(Plan())
    if positions := shape(plan)["positions"]:
        plan = plan.with_values({"parallel.seq_len": int(positions)})  # Megatron-Bridge has as many as the sequence
    for name in ("huggingface", "megatron", "nemo"):
        again = imported(write_configuration(plan, {}, name)).apply(Plan())
        want, have = shape(plan), shape(again)
        if name != "huggingface" and want["vocab"] != have["vocab"]:
            # GPT-2's 50,257 is what Megatron pads
            assert have["vocab"] >= want["vocab"]
            have["vocab"] = want["vocab"]
        assert have == want, name


def test_two_models_of_one_shape_are_told_apart_by_name_or_context() -> None:
    config = json.loads((FIXTURES / "llama-3-8b.json").read_text())
    assert imported(json.dumps(config)).values["model.preset"] == "llama3-8b"
    assert imported(json.dumps(config | {"max_position_embeddings": 131072})).values["model.preset"] == "llama3.1-8b"
    assert imported(json.dumps(config), "Llama-3.1-8B/config.json").values["model.preset"] == "llama3.1-8b"
    assert "llama3.1-8b" in imported(json.dumps(config)).notes[0].text("en")


def test_a_changed_shape_is_an_architecture_not_a_preset() -> None:
    config = json.loads((FIXTURES / "llama-3-8b.json").read_text()) | {"num_hidden_layers": 40, "mystery": 3}
    found = imported(json.dumps(config))
    assert "model.preset" not in found.values
    assert found.values["model.architecture"]["layers"] == 40
    assert found.unknown == (("mystery", "3"),)


def test_unknown_family_is_read_by_common_names_and_says_so() -> None:
    config = json.loads((FIXTURES / "llama-3-8b.json").read_text()) | {"model_type": "brandnew"}
    found = imported(json.dumps(config))
    assert ("model_type", "brandnew") in found.unknown
    assert any(note.code == "family_unknown" for note in found.notes)


def test_qwen_window_counts_from_max_window_layers() -> None:
    config = json.loads((FIXTURES / "qwen2.5-7b.json").read_text())
    config |= {"use_sliding_window": True, "sliding_window": 4096, "max_window_layers": 21}
    found = imported(json.dumps(config)).values["model.architecture"]
    assert (found["window"], found["window_share"]) == (4096, 0.25)


# --- DeepSpeed, torchtitan, NeMo --------------------------------------------------------------------------------------


def test_deepspeed_auto_values_are_listed_as_not_said() -> None:
    # huggingface/transformers tests/deepspeed/ds_config_zero3.json
    found = imported(json.dumps({
        "fp16": {"enabled": "auto", "loss_scale": 0, "initial_scale_power": 16},
        "bf16": {"enabled": "auto"},
        "optimizer": {"type": "AdamW", "params": {"lr": "auto", "betas": "auto", "eps": "auto", "weight_decay": "auto"}},
        "scheduler": {"type": "WarmupLR", "params": {"warmup_min_lr": "auto"}},
        "zero_optimization": {
            "stage": 3, "offload_optimizer": {"device": "cpu", "pin_memory": True},
            "offload_param": {"device": "cpu", "pin_memory": True}, "overlap_comm": True,
            "stage3_gather_16bit_weights_on_model_save": True,
        },
        "gradient_accumulation_steps": "auto", "gradient_clipping": "auto", "steps_per_print": 2000,
        "train_batch_size": "auto", "train_micro_batch_size_per_gpu": "auto", "wall_clock_breakdown": False,
    }))  # fmt: skip
    assert found.format == "deepspeed"
    assert found.values["parallel.zero_stage"] == 3
    assert found.values["parallel.offload"] == "optimizer,parameters"
    assert found.unknown == ()
    assert {"parallel.micro_batch", "parallel.global_batch", "parallel.precision", "model"} <= set(found.missing)
    assert "train_micro_batch_size_per_gpu" in found.notes[0].text("ja")


def test_deepspeed_batch_gives_the_gpus() -> None:
    found = imported('{"train_batch_size": 512, "train_micro_batch_size_per_gpu": 4, "gradient_accumulation_steps": 8}')
    assert found.accelerators == 16
    assert found.apply(Plan()).cluster.servers == 2
    # DeepSpeed's own default is no ZeRO, and fp32
    assert found.values["parallel.zero_stage"] == 0
    assert "parallel.precision" in found.defaulted


TITAN = """
# pytorch/torchtitan torchtitan/models/llama3/train_configs/llama3_405b.toml, abridged
[job]
dump_folder = "./outputs"
[model]
name = "llama3"
flavor = "405B"
hf_assets_path = "./assets/hf/Llama-3.1-405B"
converters = ["quantize.linear.float8"]
[optimizer]
name = "AdamW"
lr = 8e-5
[training]
local_batch_size = 2
seq_len = 8192
max_norm = 1.0
steps = 3000
dataset = "c4"
[parallelism]
data_parallel_replicate_degree = 1
data_parallel_shard_degree = -1
tensor_parallel_degree = 8
enable_async_tensor_parallel = true
pipeline_parallel_degree = 1
context_parallel_degree = 1
[activation_checkpoint]
mode = "full"
[compile]
enable = true
[quantize.linear.float8]
enable_fsdp_float8_all_gather = true
"""


def test_torchtitan_405b() -> None:
    found = imported(TITAN, "notes.txt")
    assert found.format == "torchtitan"
    assert found.unknown == ()
    want = {
        "model.preset": "llama3.1-405b", "parallel.tp": 8, "parallel.zero_stage": 3, "parallel.precision": "fp8",
        "parallel.micro_batch": 2, "parallel.seq_len": 8192, "parallel.recompute": "full", "parallel.compiled": True,
        "parallel.stack": "torchtitan",
    }  # fmt: skip
    assert {path: found.values[path] for path in want} == want
    # the shard degree is left to the launcher: neither GPUs nor the global batch follow
    assert found.accelerators is None
    assert {"parallel.global_batch", "cluster.servers", "workload.tokens"} <= set(found.missing)


@pytest.mark.parametrize(
    ("change", "path", "value"),
    [
        (("local_batch_size = 2", "batch_size = 3"), "parallel.micro_batch", 3),
        (("data_parallel_shard_degree = -1", "data_parallel_shard_degree = 16"), "parallel.global_batch", 32),
        (('mode = "full"', 'mode = "none"'), "parallel.recompute", "none"),
        (('mode = "full"', 'mode = "selective"'), "parallel.recompute", "selective"),
        (("pipeline_parallel_degree = 1", "pipeline_parallel_degree = 8"), "parallel.micro_batch", 1),
        (("pipeline_parallel_degree = 1", "pipeline_parallel_degree = 8"), "parallel.zero_stage", 2),
        (("pipeline_parallel_degree = 1",
          'pipeline_parallel_degree = 8\npipeline_parallel_schedule = "Interleaved1F1B"\n'
          "pipeline_parallel_layers_per_stage = 8"),
         "parallel.vp", 2),
        (("data_parallel_replicate_degree = 1\ndata_parallel_shard_degree = -1",
          "data_parallel_replicate_degree = 4\ndata_parallel_shard_degree = 1"), "parallel.zero_stage", 0),
    ],
)  # fmt: skip
def test_torchtitan_meaning(change: tuple[str, str], path: str, value: object) -> None:
    assert change[0] in TITAN
    assert imported(TITAN.replace(*change)).values[path] == value


def test_nemo_overrides_change_a_recipe_and_fill_nothing_in() -> None:
    found = imported(
        "python train.py model.tensor_model_parallel_size=8 ++model.pipeline_model_parallel_size=4 \\\n"
        "  model.virtual_pipeline_model_parallel_size=5 trainer.num_nodes=16 trainer.devices=8 trainer.precision=bf16 \\\n"
        "  model.optim.name=distributed_fused_adam exp_manager.name=test model.fp8=True model.odd_setting=3"
    )
    assert found.format == "nemo"
    want = {"tp": 8, "pp": 4, "vp": 5, "precision": "fp8", "optimizer": "adam"}
    assert {key: found.values[f"parallel.{key}"] for key in want} == want
    assert found.accelerators == 128
    assert found.unknown == (("model.odd_setting", "3"),)
    assert found.defaulted == ()
    assert {"model", "parallel.cp", "parallel.micro_batch", "parallel.zero_stage"} <= set(found.missing)
    plan = found.apply(Plan().with_values({"model.preset": "llama3-70b"}))
    assert plan.model.preset == "llama3-70b"
    assert plan.cluster.servers == 16


def test_recipe_style_assignments() -> None:
    found = imported(
        "recipe.trainer.strategy.tensor_model_parallel_size = 4\nrecipe.data.global_batch_size = 256\n"
        "recipe.trainer.strategy.sequence_parallel = True\nrecipe.model.config.num_layers = 8\n"
    )
    assert found.format == "nemo"
    assert found.values["parallel.tp"] == 4
    assert found.values["parallel.global_batch"] == 256
    # one part of a shape over the plan's own
    after = found.apply(Plan().with_values({"model.preset": "llama3-8b"}))
    assert after.model.architecture is not None
    assert (after.model.architecture.layers, after.model.architecture.hidden) == (8, 4096)


def test_contradicting_overrides_are_refused() -> None:
    with pytest.raises(Refusal, match="seq_length"):
        imported("model.seq_length=4096 dataset.seq_length=8192 model.tensor_model_parallel_size=2")


# --- the cluster ------------------------------------------------------------------------------------------------------


def test_the_fewest_servers_that_hold_the_layout() -> None:
    found = megatron("--tensor-model-parallel-size 8 --pipeline-model-parallel-size 3 --global-batch-size 12")
    plan = found.apply(Plan())
    assert plan.cluster.servers == 3
    resolve(plan)
    said = found.report(Plan(), "en")
    assert any("24 GPUs in 3 servers" in line for line in said)
    # a cluster that holds it already is left alone
    assert found.apply(Plan().with_values({"cluster.servers": 6})).cluster.servers == 6


def test_gpus_that_do_not_fill_servers_are_said() -> None:
    found = imported(
        '{"train_batch_size": 48, "train_micro_batch_size_per_gpu": 1, "gradient_accumulation_steps": 4, "bf16": {}}'
    )
    assert found.accelerators == 12
    assert found.apply(Plan()).cluster.servers == 2
    assert any("12 GPUs" in line for line in found.report(Plan(), "en"))


# --- bad input --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "bad",
    [
        "", "   \n", "hello", "{}", "[]", "[1, 2]", '{"a": 1}', "[" * 100_000, "{\"a\":" * 50_000,
        "\x00\x01", b"\xff\xfe\x00",
        b"PK\x03\x04", "x" * 400_000, '{"model_type": "llama"}', '{"model_type": "llama", "hidden_size": NaN}',
        '{"model_type": "llama", "hidden_size": 1e999, "num_hidden_layers": 2, "num_attention_heads": 2, "vocab_size": 9}',
        '{"model_type": "llama", "hidden_size": ' + "9" * 5000 + "}",
        '{"model_type": "t5", "is_encoder_decoder": true, "vocab_size": 1, "hidden_size": 1}',
        '{"model_type": "jamba", "hidden_size": 1, "mamba_d_state": 16, "vocab_size": 3}',
        '{"model_type": "llama", "hidden_size": true, "num_hidden_layers": 2, "num_attention_heads": 2, "vocab_size": 9}',
        '{"model_type": "llama", "hidden_size": 64, "num_hidden_layers": -2, "num_attention_heads": 2, "vocab_size": 9}',
        '{"model_type": "llama", "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 6, '
        '"num_key_value_heads": 4, "vocab_size": 9, "intermediate_size": 5}',
        '{"train_batch_size": "many", "bf16": {"enabled": true}}', '{"zero_optimization": {"stage": 9}}',
        "--num-layers 'open", "--num-layers many --hidden-size 2", "--num-layers 0", "--micro-batch-size 99999999999999999",
        "[parallelism]\ntensor_parallel_degree = 'eight'", "[parallelism]\ntensor_parallel_degree = nan",
        "model.tensor_model_parallel_size=eight", "model.tensor_model_parallel_size=-1",
    ],
    ids=lambda bad: repr(bad[:40]),
)  # fmt: skip
def test_bad_input_is_refused_in_one_sentence(bad: str | bytes) -> None:
    with pytest.raises(Refusal) as refused:
        read_configuration(bad)
    sentence = str(refused.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert len(sentence) < 400


WORDS = [
    "--num-layers", "--hidden-size", "--tensor-model-parallel-size", "--moe-layer-freq", "--window-size", "model.fp8=", "=",
    "model.tensor_model_parallel_size=", "[training]", "steps = ", "\n", "\\\n", "$X", "${Y:-3}", "$((2*3))", "'", '"', "(",
    "[1]*4", "8", "-1", "NaN", "1e400", "null", "true", "#", "{", "}", ":", ",", '"zero_optimization"', '"model_type"',
    '"hidden_size"', '"llama"', "[parallelism]", "data_parallel_shard_degree = ", "\u3042", "\t",
    "--pipeline-model-parallel-layout", "Et*3|(tt|)*29m|L",
]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.one_of(
    st.text(max_size=200),
    st.binary(max_size=100),
    st.lists(st.sampled_from(WORDS), max_size=30).map(" ".join),
    st.text(alphabet=string.printable, max_size=300),
))  # fmt: skip
def test_nothing_but_a_refusal_is_ever_raised(junk: str | bytes) -> None:
    sentences = []
    try:
        sentences += read_configuration(junk).report(Plan(), "ja")
    except Refusal as refused:
        sentences.append(str(refused))
    assert all(sentences)


@pytest.mark.parametrize(
    "long",
    ["a" + ".a" * 140_000, "a.b=( " * 45_000, '--num-layers "' + "--x " * 70_000 + '"', "--num-layers " + "9" * 250_000,
     "".join(f"A{i}=$A{i - 1}$A{i - 1}\n" for i in range(10_000)) + "--num-layers $A9"],
    ids=["dots", "pairs", "quoted", "digits", "doubling"],
)  # fmt: skip
def test_long_input_takes_seconds_not_minutes(long: str) -> None:
    start = time.process_time()
    try:
        read_configuration(long)
    except Refusal as refused:
        assert len(str(refused)) < 400
    assert time.process_time() - start < 10


JSON_VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-5, 10**20),
        st.floats(),
        st.text(max_size=8),
        st.sampled_from(["auto", "8"]),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=6), inner, max_size=3)),
    max_leaves=6,
)
DEEPSPEED = {"train_batch_size": 8, "train_micro_batch_size_per_gpu": 1, "bf16": {"enabled": True}, "fp16": {},
             "zero_optimization": {"stage": 2}, "activation_checkpointing": {}, "optimizer": {"type": "Adam"}}  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(data=st.data(), value=JSON_VALUES)
def test_a_damaged_file_is_read_or_refused(data: st.DataObject, value: object) -> None:
    name = data.draw(st.sampled_from([row[0] for row in PUBLISHED] + ["deepspeed"]))
    config = dict(DEEPSPEED) if name == "deepspeed" else json.loads((FIXTURES / f"{name}.json").read_text())
    config[data.draw(st.sampled_from(sorted(config)))] = value
    sentences = []
    try:
        sentences += read_configuration(json.dumps(config)).report(Plan(), "en")
    except Refusal as refused:
        sentences.append(str(refused))
    assert all(sentences)


# --- sentences --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_open_path_has_a_sentence(language: str) -> None:
    paths = [*ASKED, *(f"model.architecture.{name}" for name in SHAPE_ASKED)]
    for path in paths:
        assert "8" in text("formats", f"missing_{path.replace('.', '_')}", language, value="8")
    for path in ASKED:
        if path.startswith("parallel."):
            assert "8" in text("formats", f"default_{path.replace('.', '_')}", language, value="8")
    assert all(key for key in keys("formats"))


def test_report_lists_everything_once() -> None:
    found = megatron("--micro-batch-size $M --own-thing 3")
    lines = found.report(Plan(), "en")
    assert len(lines) == len(set(lines))
    assert len([line for line in lines if "Mitsumori does not know" in line]) == len(found.unknown) == 2
    assert sum("the plan keeps" in line for line in lines) == len(found.missing)


def test_families_are_distinct_and_formats_are_five() -> None:
    types = [kind for family in FAMILIES for kind in family.types]
    assert len(types) == len(set(types))
    assert len(FORMATS) == 5
