"""Hugging Face ``config.json``: the model's shape, in and out.

One mechanism, a table of families (:mod:`model.formats.families`): every family names the keys of the shape's fields, what
its code fixes (gated feed-forward, biases, norms) and the rules for what is not one key. Writing runs the same table
backwards and is checked by reading the result: a family that cannot say the shape is not used.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from mitsumori.model.architecture.transformer import parameter_count
from mitsumori.model.base.refusal import Refusal
from mitsumori.model.formats.choice import Choice
from mitsumori.model.formats.experts import (
    EXPERTS,
    TOPK,
    WIDTH,
    by_meaning,
    doubt_untaken,
    refuse_layer_kinds,
    refuse_untaken,
)
from mitsumori.model.formats.families import _INDEXER, _LATENT, FAMILIES, Family, likeness
from mitsumori.model.formats.families_read import BY_TYPE, UNKNOWN
from mitsumori.model.formats.hybrids import HYBRID_TYPES
from mitsumori.model.formats.imported import Imported, NamedRefusal, Origin, billions
from mitsumori.model.formats.reading import Reading, names_of
from mitsumori.model.formats.refused_families import REFUSED
from mitsumori.model.formats.rope import Rope, huggingface_keys
from mitsumori.model.formats.shapes import ESSENTIAL, Shape, normal, spec_of
from mitsumori.model.formats.towers import (
    LANGUAGE_PARTS,
    SECOND_MODELS,
    patch_parameters,
    tower_parameters,
    towers,
    well_known,
)
from mitsumori.model.plan.plan import ArchitectureSpec
from mitsumori.model.plan.shapes import architecture_of

_IGNORED: Final = re.compile(
    r"_token_id|_token_index|dropout|_pdrop|_drop$|initializer|init_|_init|_eps$|epsilon|^rope|rotary|output_|use_cache|^architectures$"
    r"|transformers_version|torch_dtype|^dtype$|_name_or_path|auto_map|hidden_act|activation_function|^hidden_activation$"
    r"|pretraining_tp|quantization_config|max_position_embeddings|model_max_length|^n_ctx$|max_sequence_length|seq_length|query_pre_attn_scalar|logit_softcapping|softcap"
    r"|task_specific_params|summary_|scale_attn|reorder_and|^scoring_func$|topk_method|topk_group|^n_group$|norm_topk_prob"
    r"|routed_scaling_factor|aux_loss|seq_aux|ep_size|router_|^model_type$|is_decoder|is_encoder_decoder|problem_type|id2label"
    r"|label2id|return_dict|swiglu_limit|partial_|offset_alibi|skip_bias|slow_but_exact|unk_|bias_dropout|masked_softmax|^alibi$"
    r"|parallel_attn|use_parallel_residual|attention_softmax|attn_implementation|use_sliding_window|max_window_layers"
    r"|tokenizer|vision|audio|image_|mm_|boi_|eoi_|_config$|use_qk_norm|use_bfloat16|torchscript|pruned_heads|chunk_size"
    r"|cross_attention|_search|temperature|top_[kp]$|penalty|^do_sample|num_beams|^(min|max)_length$|no_repeat|bad_words|prefix"
    r"|early_stopping|remove_invalid|forced_|suppress|typical_p|diversity|finetuning_task|num_return_sequences|initial_context_length"
    r"|norm_type|low_precision|logit_scale|no_rope|use_mrope|residual_connection_post|for_llm_compressor|attn_temperature|floor_scale|attn_scale|verbose|^emb_pdrop"
    r"|gradient_checkpointing|init_std|norm_bias|^norm_eps$|layer_norm|sliding_window_pattern|_type_vocab|embd_|resid_|attn_pdrop"
    r"|^n_positions$|keep_window_size|dim_model_base|num_experts_per_topk|use_flash|interleave_moe_layer_step|fused|^initial_|use_recompute|hidden_size_per_layer_input_$|unsloth"
)
"""Keys that change neither the parameter count nor the work of a step."""
_SHAPE_KEYS: Final = names_of(
    "hidden_size num_hidden_layers num_attention_heads intermediate_size vocab_size n_layer n_embd n_head d_model n_layers "
    "n_heads num_key_value_heads text_config language_config llm_config"
)
_NOT_TRANSFORMERS: Final = re.compile(
    r"(mamba|(^|_)ssm_|hybrid_override_pattern|layers_block_type|attn_layer_period|rwkv|conv_kernel|time_step_|linear_attn_config)"
)
_FEW: Final = 0.01
"""Parameters beside the shape that are told, over layers x width^2: about a thousandth of a model."""
_RECURRENT_TYPES: Final = re.compile(
    r"mamba|rwkv|nemotron_h|jamba|zamba|bamba|falcon_h1|recurrent_gemma|^lfm\d|qwen3_next|qwen3_5|granitemoehybrid|xlstm|linear|lightning|retnet"
)
_ENCODERS: Final = re.compile(
    r"bert|roberta|electra|^big_?bird|^ernie$|^ernie_m|^roformer|^xmod|^xlm|^xlnet|^flaubert|deberta|^clip|siglip|^vit|^dinov|wav2vec|hubert|^esm$|longformer|mpnet|canine|nomic|^swin|^beit|^deit"
    r"|sentence|layoutlm|funnel|nystromformer|^data2vec|^sam$|^detr|^t5|^mt5|^bart|^mbart|whisper|pegasus|marian|^gte"
)
_ENCODER_CLASSES: Final = re.compile(
    r"ForMaskedLM|ForPreTraining|ForImageClassification|ForTokenClassification|BertModel|CLIPModel"
)

_HEADLESS: Final = re.compile(
    r"For(Sequence|Token)Classification$|RewardModel$|ForRewardModeling$|^(?!ChatGLM)\w+(?<!LMHead)(?<!Chat)Model$"
)
"""Classes of a language model without the matrix that predicts tokens."""


def recognised(data: Mapping[str, object]) -> int:
    """How many of the shape's keys (and ``model_type``, ``architectures``) a JSON object has."""
    return len(_SHAPE_KEYS & set(data)) + 2 * ("model_type" in data) + ("architectures" in data)


def read(data: Mapping[str, object], origin: Origin) -> Imported:
    """Read a parsed ``config.json``.

    Raises
    ------
    Refusal
        For an architecture that is not a decoder-only transformer, or a shape that is not complete.
    """
    outer, data = data, _whole_part(_text_part(data))
    kind = str(data.get("model_type") or "").strip().lower()
    _refuse_not_decoder(kind, data, outer)
    reading = Reading(data, _IGNORED)
    family = BY_TYPE.get(kind) or (_family_of_class(outer) if not kind else None)
    known = family is not None
    if family is None:
        family = UNKNOWN
        reading.remark("family_unknown", kind=kind or "?")
        if kind:
            reading.not_known("model_type", kind)
    reading.shape = shape_in(family, reading)
    refuse_untaken(reading, known)
    doubt_untaken(reading)
    if known or kind == "":
        _without_head(reading, outer)
    for name, parameters in _second_models(outer):
        reading.beside(name, parameters)
        reading.remark("tower_estimated", name=name, count=f"{parameters / 1e9:.2f} B")
    outer = _beside(outer)
    for tower in towers(outer):
        size = tower_parameters(outer, tower, reading.shape.get("hidden", 0))
        if size is None:
            reading.remark("tower_uncounted", name=tower)
            reading.not_known(tower, "?")
        else:
            reading.beside(tower, size)
            if not well_known(outer, tower):
                reading.remark("tower_estimated", name=tower, count=f"{size / 1e9:.2f} B")
    if patches := patch_parameters(outer, reading.shape.get("hidden", 0)):
        reading.beside("image patches", patches)
    said = [
        part.get("tie_word_embeddings")
        for part in (outer, *map(outer.get, LANGUAGE_PARTS))
        if isinstance(part, Mapping)
    ]
    if True in said and False in said:
        reading.remark("shape_unclear", names="tie_word_embeddings")
    few = _FEW * reading.shape.get("layers", 0) * reading.shape.get("hidden", 0) ** 2
    for name, parameters in reading.besides:
        if parameters > few:
            reading.remark("beside_counted", name=name, count=billions(parameters))
    lacking = [family.keys[field][0] for field in ESSENTIAL if field not in reading.shape]
    if lacking:
        raise NamedRefusal("shape_absent", name=lacking[0], kind=(kind or "model")[:40], names=", ".join(lacking))
    for field in ("hidden_act", "activation_function", "hidden_activation"):
        reading.word(field)
    context = data.get("max_position_embeddings")
    hints = f"{origin.name} {data.get('_name_or_path', '')}"
    reading.settle_shape(hints, context if isinstance(context, int) else None, origin.catalogue)
    return reading.finish("huggingface")


def _refuse_not_decoder(kind: str, data: Mapping[str, object], outer: Mapping[str, object]) -> None:
    """Refuse encoders, encoder-decoders, parts that a plan cannot say and layers that differ in shape, by name."""
    classes = outer.get("architectures")
    first = str(classes[0]) if isinstance(classes, list) and classes else ""
    for name in (kind, str(outer.get("model_type") or "").strip().lower()):
        if name in REFUSED and not (name == "git" and first.startswith("Grok")):  # Grok-2's file says git
            raise NamedRefusal(REFUSED[name], kind=name)
    if data.get("is_encoder_decoder") is True or outer.get("is_encoder_decoder") is True:
        raise NamedRefusal("encoder_decoder", kind=kind[:40])
    if (_ENCODERS.search(kind) and "CausalLM" not in first) or _ENCODER_CLASSES.search(first):
        raise NamedRefusal("encoder_only", kind=kind[:40] or first[:40])
    if kind in HYBRID_TYPES:
        return
    odd = [key for key in data if _NOT_TRANSFORMERS.search(key) and data[key] not in (None, False, [])]
    if odd or _RECURRENT_TYPES.search(kind):
        raise NamedRefusal("state_space", kind=kind[:40], names=", ".join(odd[:3]) or kind[:40])
    refuse_layer_kinds(kind[:40], data)
    for name in ("block_configs", "intermediate_size", "num_key_value_heads", "num_attention_heads", "ffn_multipliers"):
        value = data.get(name)
        if isinstance(value, list) and any(item != value[0] for item in value):
            raise NamedRefusal("per_layer", kind=kind[:40], names=name)
    for name in (*EXPERTS, *WIDTH, *TOPK):  # experts of each kind of input (ERNIE 4.5 VL)
        value = data.get(name)
        if isinstance(value, list) and any(item != value[0] for item in value):
            raise NamedRefusal("shape_key_untaken", kind=kind[:40], names=name)
    if data.get("layer_group_size") and kind not in HYBRID_TYPES:
        raise NamedRefusal("state_space", kind=kind[:40], names="layer_group_size")
    if data.get("hidden_size_per_layer_input"):
        raise NamedRefusal("per_layer", kind=kind[:40], names="hidden_size_per_layer_input")


def _without_head(reading: Reading, data: Mapping[str, object]) -> None:
    """Count no output matrix for a class that has none: a reward model, a classifier or an embedding model."""
    classes = data.get("architectures")
    first = str(classes[0]) if isinstance(classes, list) and classes else ""
    if _HEADLESS.search(first) and not reading.shape.get("tied_embeddings"):
        reading.shape["tied_embeddings"] = 1
        reading.remark("no_output_matrix", kind=first)


def _family_of_class(data: Mapping[str, object]) -> Family | None:
    """The family of the class that ``architectures`` names, for a file without ``model_type``."""
    classes = data.get("architectures")
    first = classes[0] if isinstance(classes, list) and classes else None
    return next((family for family in FAMILIES if family.architecture == first), None)


def _text_part(data: Mapping[str, object]) -> Mapping[str, object]:
    """The language model of a multimodal configuration."""
    inner = next((part for name in LANGUAGE_PARTS if isinstance(part := data.get(name), Mapping)), None)
    if inner is None and "num_hidden_layers" not in data and (answering := _answering(data)) is not None:
        return _text_part(answering)
    if inner is None or "num_hidden_layers" in data:
        return data
    outer = {key: value for key, value in data.items() if key in ("tie_word_embeddings", "_name_or_path")}
    # The class of the whole ties its own head: what the outer part says counts.
    return {**inner, **outer, "model_type": inner.get("model_type") or str(data.get("model_type")) + "_text"}


def _beside(data: Mapping[str, object]) -> Mapping[str, object]:
    """Where the towers beside the language model stand: the configuration itself, or the part that answers (Omni models)."""
    if any(isinstance(data.get(name), Mapping) for name in LANGUAGE_PARTS):
        return data
    inner = _answering(data)
    return (
        data if inner is None else {**{key: value for key, value in data.items() if key != "thinker_config"}, **inner}
    )


def _answering(data: Mapping[str, object]) -> Mapping[str, object] | None:
    """The part of an Omni configuration that has a language model within (``thinker_config``); None where there is none."""
    parts = [part for name, part in data.items() if isinstance(part, Mapping) and name not in SECOND_MODELS]
    return next((part for part in parts if any(isinstance(part.get(name), Mapping) for name in LANGUAGE_PARTS)), None)


def _whole_part(data: Mapping[str, object]) -> Mapping[str, object]:
    """A model's keys with those that stand in a table of their own (Yuan's ``moe_config``)."""
    inner = data.get("moe_config")
    if not isinstance(inner, Mapping):
        return data
    return {**{key: value for key, value in data.items() if key != "moe_config"}, **inner}


def _second_models(data: Mapping[str, object]) -> list[tuple[str, int]]:
    """Parameters of further language models in a configuration, which a plan does not have."""
    found: list[tuple[str, int]] = []
    for name in SECOND_MODELS:
        part = data.get(name)
        if not isinstance(part, Mapping) or data.get("enable_audio_output") is False:
            continue
        inner = _text_part(part)
        reading = Reading(inner, _IGNORED)
        try:
            shape = shape_in(BY_TYPE.get(str(inner.get("model_type"))) or UNKNOWN, reading)
            if all(field in shape for field in ESSENTIAL):
                count = parameter_count(architecture_of(ArchitectureSpec(**spec_of(shape)))).total
                found.append((name, round(float(count))))
        except (Refusal, ValueError, TypeError, KeyError):
            continue
    return found


def shape_in(family: Family, reading: Reading) -> Shape:
    """The shape that a family's keys say, with what its code fixes and its defaults."""
    shape: Shape = {}
    for field, names in family.keys.items():
        value = (
            reading.flag(*names)
            if field in ("tied_embeddings", "attention_bias", "linear_bias")
            else reading.integer(*names)
        )
        if value is None:
            value = family.defaults.get(field)
        if value is not None:
            shape[field] = int(value)
    shape |= family.fixed
    for rule in family.rules:
        rule.read(reading, shape)
    if "mla" not in shape and reading.data.get("kv_lora_rank") and reading.data.get("qk_rope_head_dim"):
        _LATENT.read(reading, shape)  # latent attention by its meaning, whatever the family's table says
        shape.pop("head_dim", None)
    if shape.get("mla"):
        reading.raw("head_dim")  # the latent heads' sizes have keys of their own
    if shape.get("mla") and reading.data.get("index_n_heads") and _INDEXER not in family.rules:
        _INDEXER.read(reading, shape)
    if "moe_experts" not in shape:
        by_meaning(reading, shape)
    if shape.get("moe_experts") and not shape.get("moe_topk"):
        raise NamedRefusal("topk_absent", experts=shape["moe_experts"])
    return shape


def write(choice: Choice) -> str:
    """A ``config.json`` with the model's shape.

    Raises
    ------
    Refusal
        When no family of Hugging Face models has such a shape.
    """
    wanted = normal(choice.shape)
    choice.left_out.extend(["workload.tokens", "cluster.servers", "parallel"])
    context = max(choice.par.seq_len, choice.context or 0)
    for family in sorted(FAMILIES, key=lambda family: -likeness(family, choice.family)):
        config = _config(family, wanted, context, choice.rope)
        reading = Reading(config, _IGNORED)
        try:
            said = normal(shape_in(family, reading))
        except (Refusal, KeyError, TypeError):
            continue
        if all(
            abs(said[name] - value) < 1e-3 for name, value in wanted.items() if name != "mtp_layers" or family.says_mtp
        ):
            if said["mtp_layers"] != wanted["mtp_layers"]:
                choice.left_out.append("model.architecture.mtp_layers")
            if family.rotary and not choice.rope:
                choice.left_out.append("model.rope_theta")
            if wanted["moe_experts"]:
                choice.left_out.append(
                    "model.router"
                )  # how experts are chosen: neither the plan nor the catalogue holds it
            return json.dumps(config, indent=2) + "\n"
    raise NamedRefusal("no_family", model=repr(choice.model_name[:60]))


def _config(family: Family, shape: Shape, context: int, rope: Rope) -> dict[str, Any]:
    config: dict[str, Any] = {"architectures": [family.architecture], "model_type": family.types[0]}
    for field, names in family.keys.items():
        value = shape.get(field)
        if value is not None:
            config[names[0]] = bool(value) if field in ("tied_embeddings", "attention_bias", "linear_bias") else value
    if family.context_key is not None:
        config[family.context_key] = max(context, shape["positions"])
    for rule in family.rules:
        rule.write(shape, config)
    if family.rotary:
        config |= huggingface_keys(rope, family.types[0])
    config["torch_dtype"] = "bfloat16"
    return config
