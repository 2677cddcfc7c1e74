"""What is exported is read back as it was."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mitsumori.model.base.refusal import Refusal
from mitsumori.model.formats import left_out, write_configuration
from mitsumori.model.formats.shapes import normal
from mitsumori.model.plan.plan import Plan
from tests.model.formats_read import imported, shape


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Plans over the layouts and shapes that the program accepts, 1 to 64 servers of 8."""
    tp, pp, cp = draw(st.sampled_from([1, 2, 4, 8])), draw(st.sampled_from([1, 2, 4])), draw(st.sampled_from([1, 2]))
    servers = draw(st.sampled_from([8, 16, 64]))
    vp = draw(st.sampled_from([1, 2, 3])) if pp > 1 else 1
    dp = servers * 8 // (tp * pp * cp)
    micro = draw(st.integers(1, 4))
    preset = draw(st.sampled_from([None, "llama3.1-70b", "llama3.1-405b", "qwen3-8b", "deepseek-v3", "gpt-oss-120b"]))
    values: dict[str, object] = {}
    moe = preset in ("deepseek-v3", "gpt-oss-120b")
    if preset is None:
        moe = draw(st.booleans())
        heads = tp * draw(st.sampled_from([4, 8, 12]))
        gated = draw(st.booleans())
        values["model.preset"], values["model.architecture"] = None, {
            "layers": draw(st.integers(24, 100)), "hidden": heads * 64, "ffn": draw(st.integers(64, 50_000)),
            "heads": heads, "kv_heads": draw(st.sampled_from([heads, heads // 2, heads // 4])),
            "head_dim": draw(st.sampled_from([64, 128])), "vocab": draw(st.integers(1000, 3000)) * tp,
            "gated_mlp": gated, "tied_embeddings": draw(st.booleans()), "norm_vectors": draw(st.sampled_from([1, 2])),
            "linear_bias": draw(st.booleans()), "attention_bias": draw(st.booleans()),
            "positions": draw(st.sampled_from([0, 2048])),
        } | ({
            "moe_experts": 16, "moe_topk": draw(st.integers(1, 16)), "moe_ffn": draw(st.integers(64, 9000)),
            "moe_shared_ffn": draw(st.sampled_from([0, 512])), "moe_dense_layers": draw(st.integers(0, 3)),
        } if moe else {})  # fmt: skip
    else:
        values["model.preset"] = preset
    for field, value in {
        "auto": False, "tp": tp, "sp": draw(st.booleans()), "pp": pp, "vp": vp, "cp": cp,
        "ep": draw(st.sampled_from([1, 2, 4])) if moe else 1, "etp": draw(st.sampled_from([1, 2])) if moe else 1,
        "zero_stage": draw(st.integers(0, 3)), "micro_batch": micro,
        "global_batch": dp * micro * draw(st.integers(1, 64)), "seq_len": draw(st.sampled_from([2048, 4096, 8192])),
        "precision": draw(st.sampled_from(["fp32", "tf32", "fp16", "bf16", "fp8", "mxfp8", "nvfp4"])),
        "optimizer": draw(st.sampled_from(["adam", "adam8bit", "adafactor", "muon", "sgd"])),
        "recompute": draw(st.sampled_from(["none", "selective", "full"])),
        "offload": draw(st.sampled_from(["none", "optimizer", "activations", "optimizer,parameters", "optimizer,activations"])),
        "fused_attention": draw(st.booleans()), "compiled": draw(st.booleans()),
        "moe_dispatcher": draw(st.sampled_from([None, "alltoall", "deepep", "hybridep"])) if moe else None,
        "ep_overlap": draw(st.booleans()) if moe else None, "permute_fusion": draw(st.booleans()) if moe else None,
        "capacity_factor": draw(st.sampled_from([None, 1.0, 1.25])) if moe else None,
        "cuda_graphs": draw(st.sampled_from(["none", "attention", "layer", "full"])),
        "context": draw(st.sampled_from([None, "ring", "ulysses"])) if cp > 1 else None,
        "recompute_modules": draw(st.sampled_from([[], ["core_attn"], ["layernorm", "moe_act"]])),
        "state_precision": draw(st.sampled_from([None, "bf16"])),
        "gradient_precision": draw(st.sampled_from([None, "fp32", "bf16"])),
        "loss": draw(st.sampled_from([None, "fused", "chunked"])),
        "optimizer_in_backward": draw(st.sampled_from([None, True])),
    }.items():  # fmt: skip
        values[f"parallel.{field}"] = value
    values["workload.tokens"] = draw(st.sampled_from([1e9, 3e11, 15e12]))
    return Plan().with_values(values | {"cluster.servers": servers})


# What each format has words for, of the parallel part. vp and sp mean nothing without pipeline and tensor parallel.
TRAINING = {
    "tp",
    "sp",
    "pp",
    "vp",
    "cp",
    "ep",
    "etp",
    "zero_stage",
    "micro_batch",
    "global_batch",
    "seq_len",
    "precision",
    "optimizer",
    "recompute",
    "offload",
}
CORE = {"moe_dispatcher", "ep_overlap", "permute_fusion", "capacity_factor", "cuda_graphs", "context", "recompute_modules",
        "gradient_precision", "loss", "state_precision", "optimizer_in_backward"}  # fmt: skip
SAYS = {
    "megatron": TRAINING | CORE | {"fused_attention"},
    "nemo": TRAINING | CORE | {"fused_attention"},
    "torchtitan": TRAINING | {"compiled"},
    "deepspeed": {"tp", "cp", "zero_stage", "micro_batch", "global_batch", "precision", "optimizer", "offload"},
}  # fmt: skip
# A plan that differs from most of what is drawn: what a file does not carry over shows.
OTHER = Plan().with_values({
    "model.preset": "mistral-7b", "cluster.servers": 5, "parallel.auto": False, "parallel.tp": 8, "parallel.pp": 5,
    "parallel.vp": 2, "parallel.micro_batch": 7, "parallel.global_batch": 777, "parallel.seq_len": 1024,
    "parallel.precision": "tf32", "parallel.optimizer": "adafactor", "parallel.recompute": "full",
    "parallel.offload": "activations", "parallel.zero_stage": 2, "parallel.stack": "jax", "workload.samples": 10.0,
    "workload.epochs": 3.0,
})  # fmt: skip


@pytest.mark.parametrize("format_name", sorted(SAYS))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(plan=plans())
def test_round_trip_keeps_what_the_format_says(format_name: str, plan: Plan) -> None:
    written = write_configuration(plan, {}, format_name)
    silent = set(left_out(plan, {}, format_name))
    found = imported(written)
    assert found.format == format_name
    assert found.unknown == ()
    again = found.apply(OTHER)
    for field in SAYS[format_name]:
        path = f"parallel.{field}"
        if path in silent or (field == "sp" and plan.parallel.tp == 1) or (field == "ep" and "model" in silent):
            continue  # without its model a file's expert parallel has nothing to divide
        if field in CORE and plan.value(path) in (None, (), False, "none"):
            continue  # not stated, or off: what a file does not name stays the plan's own
        if field == "recompute_modules" and plan.parallel.recompute != "selective":
            continue
        if format_name == "nemo" and field == "gradient_precision":
            continue  # fp32 is what every recipe of bf16 does
        assert again.value(path) == plan.value(path), field
    # only what the tool really has no word for may be left out
    core = {"precision", "optimizer", "compiled", "state_precision", "optimizer_in_backward", "loss", "offload"}
    allowed = {"megatron": core, "nemo": core | {"gradient_precision"},
               "torchtitan": {"precision", "optimizer", "offload", "zero_stage", "vp", "etp", "recompute", "compiled", *CORE},
               "deepspeed": {"precision", "optimizer", "recompute", "seq_len", "offload", "compiled",
                             "pp", "vp", "ep", "etp", "sp", *CORE}}[format_name]  # fmt: skip
    beside = {"model.router", "model.rope_theta", "model.rope_scaling", "model.architecture.positions"}
    beside |= {"model", "workload.tokens", "cluster.servers"}
    assert silent - beside <= {f"parallel.{field}" for field in allowed}
    if format_name in ("megatron", "nemo"):
        have, want = shape(again), shape(plan)
        if "model.architecture.positions" in silent:
            have["positions"] = want["positions"]
        assert have == want
    if "workload.tokens" not in silent:
        step = plan.parallel.seq_len * plan.parallel.global_batch  # type: ignore[operator]
        assert (again.workload.samples, again.workload.epochs) == (None, 1.0)
        assert abs(again.workload.tokens - plan.workload.tokens) <= step
    if format_name in ("megatron", "torchtitan") or (format_name == "deepspeed" and plan.parallel.pp == 1):
        assert again.cluster.servers == plan.cluster.servers


@settings(max_examples=60, deadline=None)
@given(plan=plans())
def test_hugging_face_keeps_the_shape_or_refuses_it(plan: Plan) -> None:
    try:
        written = write_configuration(plan, {}, "huggingface")
    except Refusal:
        return
    have, want = shape(imported(written).apply(Plan())), shape(plan)
    if "model.architecture.mtp_layers" in left_out(plan, {}, "huggingface"):
        have["mtp_layers"] = want["mtp_layers"]
    assert have == want


def test_every_catalogue_model_but_one_has_a_hugging_face_family() -> None:
    from mitsumori.model.catalogue.catalogue import Catalogue

    models = Catalogue.shipped().models

    cannot = []
    for key, record in models().items():
        if record.supported:
            plan = Plan().with_values({"model.preset": key})
            try:
                again = imported(write_configuration(plan, {}, "huggingface")).apply(Plan())
            except Refusal:
                cannot.append(key)
            else:
                assert shape(again) == normal(record.architecture)
    # GLM-130B: gated feed-forward with biases and LayerNorm, which no family in the table has
    assert cannot == ["glm-130b"]


def test_chosen_fields_lie_over_the_plan() -> None:
    plan = Plan().with_values({"cluster.servers": 2, "parallel.auto": True})
    chosen = {"tp": 4, "pp": 2, "dp": 2, "gpus": 16, "zero_stage": 1, "micro_batch": 2, "global_batch": 64}
    found = imported(write_configuration(plan, chosen, "megatron"))
    assert (found.values["parallel.tp"], found.values["parallel.pp"], found.values["parallel.global_batch"]) == (
        4,
        2,
        64,
    )
    with pytest.raises(Refusal, match="divide"):
        write_configuration(plan, {"tp": 3}, "megatron")
    with pytest.raises(Refusal, match="must be one of huggingface"):
        write_configuration(plan, {}, "yaml")
