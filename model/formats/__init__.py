"""Configurations of other tools, in and out: read and written through this package.

``read_configuration`` takes a Hugging Face ``config.json``, Megatron-LM arguments or a script with them, a DeepSpeed
JSON, a torchtitan TOML or a NeMo / Megatron-Bridge override list, and knows which by its content alone.
``write_configuration`` says a chosen layout in the same formats.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from mitsumori.model.base.input_files import DoubledKey, single_keys, toml_of, whole
from mitsumori.model.base.refusal import Refusal
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.formats import (
    containers,
    deepspeed,
    huggingface,
    launchers,
    megatron,
    megatron_write,
    nemo,
    recipes,
    serving_commands,
    torchtitan,
)
from mitsumori.model.formats.choice import Choice, chosen
from mitsumori.model.formats.imported import Imported, NamedRefusal, Origin, Report
from mitsumori.model.formats.recipe_options import stated
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import FORMAT as PROJECT_FORMAT

__all__ = [
    "FORMATS",
    "Imported",
    "NamedRefusal",
    "Report",
    "left_out",
    "read_configuration",
    "write_configuration",
]

FORMATS: Final = ("huggingface", "megatron", "deepspeed", "torchtitan", "nemo")
"""Names of the formats, as :func:`write_configuration` takes them and :attr:`Imported.format` says them."""
LARGEST_CHARACTERS: Final = 300_000
"""Configurations are a few thousand characters; a file beyond this is something else."""
_DEEPEST: Final = 60
_WRITERS: Final = {
    "huggingface": huggingface.write, "megatron": megatron_write.write, "deepspeed": deepspeed.write,
    "torchtitan": torchtitan.write, "nemo": nemo.write,
}  # fmt: skip

Recogniser = Callable[[str], int]
Reader = Callable[[str, Origin], Imported]
_TEXTS: Final[Mapping[str, tuple[Recogniser, Reader]]] = {
    "megatron": (megatron.recognised, megatron.read), "nemo": (nemo.recognised, nemo.read),
}  # fmt: skip
"""How sure each tool whose files are plain text is that a text is its own (0: it is not), and its reader."""


def read_configuration(text: str | bytes, name: str = "", catalogue: Catalogue | None = None) -> Imported:
    """Read another tool's configuration.

    Parameters
    ----------
    text
        The file's content, or what was pasted.
    name
        Where it comes from (a path); only a hint among catalogue models of one and the same shape.
    catalogue
        Records of models; the shipped ones where None.

    Raises
    ------
    Refusal
        With one sentence: not a configuration that is known, a value in it that is not accepted, or nothing in it that a
        plan takes. Nothing else is raised, whatever the text.
    """
    plain, origin = _plain_text(text), Origin(name, catalogue or Catalogue.shipped())
    started = containers.command_of(plain) if "image" in plain else None
    found = _read(plain if started is None else started, origin)
    if started is not None and (copies := containers.copies_of(started)) > 1:
        found = found.copied(copies)
    if not found.said and not found.shape and found.accelerators is None:
        raise NamedRefusal("nothing_read", tool=found.format)
    return found


def _read(text: str, origin: Origin) -> Imported:
    """Find the tool of a text and let its reader read."""
    stripped = text.lstrip("﻿ \t\r\n")
    if stripped[:1] in "{[" and (data := _json(stripped)) is not None:
        if huggingface.recognised(data) < 3 and not _finite(data):
            raise NamedRefusal("not_finite")
        if data.get("format") == PROJECT_FORMAT:
            raise NamedRefusal("own_project")
        kind = recipes.kind_of(data)
        if kind is not None and "model_type" not in data and kind != "NeMo / Megatron-Bridge":
            return recipes.read(data, kind, origin)
        if deepspeed.recognised(data) > huggingface.recognised(data):
            return deepspeed.read(data)
        if huggingface.recognised(data) >= 3:
            return huggingface.read(data, origin)
        raise NamedRefusal("unrecognised_json", names=_some(data))
    if "```" in text:  # a page with a block of code
        text = "\n".join(re.findall(r"```[\w+-]*[ \t]*\n(.*?)```", text, re.DOTALL)) or text
    if not text.startswith("#!"):  # lines continued as PowerShell and cmd do
        text = re.sub(r"[ \t][`^][ \t]*\n", " \\\\\n", text)
    if (started := containers.command_of(text)) is not None:
        text = started
    settings = recipes.yaml_of(text)
    if settings is not None and (kind := recipes.kind_of(settings)) is not None:
        return recipes.read(settings, kind, origin)
    if (tool := launchers.tool_of(text)) is not None:
        return launchers.read(text, tool, origin)
    if settings is not None and (command := serving_commands.command_of(settings)) is not None:
        return launchers.read(command, "vLLM" if command.startswith("vllm") else "SGLang", origin)
    scores = {tool: recognised(text) for tool, (recognised, _) in _TEXTS.items()}
    document = _toml(text)
    scores["torchtitan"] = torchtitan.recognised(document) if document is not None else 0
    best = max(scores, key=lambda key: scores[key])
    if not scores[best]:
        raise _unrecognised(text, settings)
    if best == "torchtitan" and document is not None:
        return torchtitan.read(document, origin)
    return _TEXTS[best][1](text, origin)


def write_configuration(
    plan: Plan, parallel_fields: Mapping[str, Any], format: str, catalogue: Catalogue | None = None
) -> str:
    """Say a plan with its chosen layout in another tool's format.

    Parameters
    ----------
    plan
        The plan.
    parallel_fields
        Fields of ``plan.parallel`` as chosen (``Estimate.training.parallel``); empty: the plan's own.
    format
        One of :data:`FORMATS`. ``huggingface`` says the model's shape only.
    catalogue
        Records of models and servers; the shipped ones where None.

    Raises
    ------
    Refusal
        For a format that is not known, a layout that the cluster does not allow, or a shape that the format cannot say.
    """
    return _written(plan, parallel_fields, format, catalogue)[0]


def left_out(
    plan: Plan, parallel_fields: Mapping[str, Any], format: str, catalogue: Catalogue | None = None
) -> tuple[str, ...]:
    """Plan paths of the chosen configuration that the format has no word for (same errors).

    Parameters
    ----------
    plan, parallel_fields, format, catalogue
        As in :func:`write_configuration`.
    """
    return tuple(dict.fromkeys(_written(plan, parallel_fields, format, catalogue)[1].left_out))


def _written(
    plan: Plan, parallel_fields: Mapping[str, Any], format: str, catalogue: Catalogue | None
) -> tuple[str, Choice]:
    writer = _WRITERS.get(format)
    if writer is None:
        raise NamedRefusal("format_unknown", format=repr(format[:40]), formats=", ".join(FORMATS))
    choice = chosen(plan, parallel_fields, catalogue)
    text = writer(choice)
    if format in ("deepspeed", "torchtitan"):  # the others name themselves what they cannot say
        choice.without(*stated(choice.par))
    return text, choice


def _plain_text(text: str | bytes) -> str:
    if isinstance(text, bytes):
        if text[:4] == b"GGUF":
            raise NamedRefusal("recognised_only", what="GGUF", instead="config.json")
        try:
            text = text.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise NamedRefusal("not_text") from None
    if len(text) > LARGEST_CHARACTERS:
        raise NamedRefusal("too_long", most=f"{LARGEST_CHARACTERS:,}")
    if any(ord(character) < 32 and character not in "\t\n\r\f" for character in text):
        raise NamedRefusal("control_characters")
    if not text.strip():
        raise NamedRefusal("empty")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _unrecognised(text: str, settings: Mapping[str, object] | None) -> NamedRefusal:
    """What the file seems to be, and what would be accepted."""
    containers.refuse_others(text)
    if settings is not None:
        return NamedRefusal("unrecognised_yaml", names=_some(settings))
    if re.search(r"(?m)^(import|from) \w|^def \w+\(|^class \w+", text):
        return NamedRefusal("unrecognised_python")
    called = re.findall(
        r"(?m)^\s*(?:\w+=\S*\s+)*(?:(?:bash|sh|source|sbatch|srun|exec|\.|llamafactory-cli\s+train|accelerate\s+launch|swift\s+\w+)\s+)+([\w./$\{\}-]+)",
        text,
    )
    if called:
        return NamedRefusal("unrecognised_wrapper", names=", ".join(dict.fromkeys(called[:4])))
    return NamedRefusal("unrecognised")


def _some(data: Mapping[str, object]) -> str:
    return ", ".join(str(key)[:40] for key in list(data)[:5]) or "-"


def _not_a_number(word: str) -> float:
    """Infinity and NaN, which Python writes into a config.json and reads again."""
    return float(word)


def _finite(data: object) -> bool:
    stack = [data]
    while stack:
        item = stack.pop()
        if isinstance(item, float) and not math.isfinite(item):
            return False
        stack.extend(item.values() if isinstance(item, dict) else item if isinstance(item, list) else ())
    return True


def _json(text: str) -> dict[str, object] | None:
    """A JSON object; None when the text is no JSON at all."""
    depth = 0
    for character in text:
        # strings may hold brackets: this only ever refuses files that no tool writes
        depth += (character in "{[") - (character in "}]")
        if depth > _DEEPEST:
            raise NamedRefusal("too_deep", most=_DEEPEST)
    try:
        data = json.loads(text, parse_constant=_not_a_number, parse_int=whole, object_pairs_hook=single_keys)
    except Refusal:
        raise
    except DoubledKey as error:
        raise NamedRefusal("key_twice", name=error.key) from None
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, dict):
        raise NamedRefusal("unrecognised")
    return data


def _toml(text: str) -> dict[str, object] | None:
    try:
        return toml_of(text)
    except (ValueError, RecursionError):
        return None
