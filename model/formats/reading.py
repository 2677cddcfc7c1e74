"""Typed access to a file's flat keys, and how a reading becomes an :class:`Imported`."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from mitsumori.model.base.messages import Sentence
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.formats.imported import ASKED, SHAPE_ASKED, Imported, NamedRefusal, note, shown
from mitsumori.model.formats.shapes import ESSENTIAL, Shape, choose_preset, matching_presets, preset_named, spec_of
from mitsumori.model.plan.plan import Plan

_TRUE: Final = frozenset({"true", "1", "yes", "on"})
_FALSE: Final = frozenset({"false", "0", "no", "off"})
NOTHING: Final = frozenset({"none", "null", ""})


def names_of(text: str) -> frozenset[str]:
    """The words of a text as a set of names."""
    return frozenset(text.split())


class Reading:
    """Keys of one file, taken one by one; what nobody takes is unknown.

    Parameters
    ----------
    data
        Flat keys and values as parsed. Values ``None``, ``"null"`` and ``"None"`` count as not said.
    ignored
        A pattern of keys that are known not to change an estimate (names, paths, learning rates, seeds).
    """

    def __init__(self, data: Mapping[str, Any], ignored: re.Pattern[str]) -> None:
        self.data = data
        self.values: dict[str, Any] = {}
        self.defaulted: list[str] = []
        self.notes: list[Sentence] = []
        self.shape: Shape = {}
        self.accelerators: int | None = None
        self.dense: bool | None = None
        self.unknown: list[tuple[str, str]] = []
        self.besides: list[tuple[str, int]] = []
        self._taken: set[str] = set()
        self._said: Shape = {}
        self.pattern = ignored

    def raw(self, *names: str) -> Any:
        """The value of the first of some spellings that the file has; None when it has none or says none."""
        result = None
        for name in names:
            if name in self.data:
                self._taken.add(name)
                value = self.data[name]
                if result is None and not (isinstance(value, str) and value.strip().lower() in NOTHING):
                    result = value
        return result

    def integer(self, *names: str, least: int = 0) -> int | None:
        """A whole number of at least ``least``, or None; anything else under the key is refused."""
        value = self.raw(*names)
        if value is None:
            return None
        number: float | None = None
        if isinstance(value, bool):
            number = None
        elif isinstance(value, int | float):
            number = value
        elif isinstance(value, list) and value and all(item == value[0] for item in value):
            number = (
                value[0] if isinstance(value[0], int) and not isinstance(value[0], bool) else None
            )  # every layer the same
        elif isinstance(value, str) and re.fullmatch(r"\s*[+-]?[\d_]{1,24}(\.0*)?([eE]\d{1,2})?\s*", value):
            try:
                number = int(value)
            except ValueError:
                number = float(value.replace("_", ""))
        if number is None or not math.isfinite(number) or number != int(number) or not least <= number <= 10**15:
            raise self._refused(names, value, "value_integer", least=least)
        return int(number)

    def number(self, *names: str) -> float | None:
        """A finite number, or None."""
        value = self.raw(*names)
        if value is None:
            return None
        try:
            number = float(value) if not isinstance(value, bool) else math.nan
        except (TypeError, ValueError, OverflowError):
            number = math.nan
        if not math.isfinite(number):
            raise self._refused(names, value, "value_number")
        return number

    def flag(self, *names: str) -> bool | None:
        """True or false, or None."""
        value = self.raw(*names)
        if value is None or isinstance(value, bool):
            return value
        word = str(value).strip().lower()
        if word not in _TRUE | _FALSE:
            raise self._refused(names, value, "value_flag")
        return word in _TRUE

    def word(self, *names: str) -> str | None:
        """Text in lower case, or None."""
        value = self.raw(*names)
        return None if value is None else str(value).strip().lower()

    def choice(self, path: str, names: Iterable[str], table: Mapping[str, Any]) -> Any:
        """Set a plan path from a word through a table; a word that the table does not have is listed as unknown."""
        spelled = tuple(names)
        word = self.word(*spelled)
        if word is None:
            return None
        if word not in table:
            self.not_known(next(name for name in spelled if name in self.data), word)
            return None
        self.values[path] = table[word]
        return table[word]

    def put(self, path: str, value: Any) -> None:
        """Set a plan path when there is a value."""
        if value is not None:
            self.values[path] = value

    def default(self, path: str, value: Any) -> None:
        """Set a plan path to the tool's own default, unless the file said it."""
        if path not in self.values:
            self.values[path] = value
            self.defaulted.append(path)

    def not_known(self, name: str, value: object) -> None:
        """List a key (or a value of it) as unknown."""
        entry = (shown(name), shown(value))
        if entry not in self.unknown:
            self.unknown.append(entry)

    def remark(self, key: str, **values: object) -> None:
        """Add a note."""
        self.notes.append(note(key, **values))

    def beside(self, name: str, parameters: int) -> None:
        """Count a part that the publisher counts and a plan's shape does not have."""
        self.besides.append((name, parameters))

    def model_named(self, name: object, catalogue: Catalogue) -> None:
        """Take the catalogue model that a checkpoint's name names, unless the file has a shape; else the name is left aside."""
        if name is None or self.shape or "model.preset" in self.values:
            return
        record = preset_named(str(name), catalogue)
        if record is None:
            self.not_known("model", name)
        else:
            self.values["model.preset"] = record.key
            self.dense = not record.architecture.get("moe_experts")

    def untaken(self) -> list[str]:
        """Keys that nobody asked for."""
        return [name for name in self.data if name not in self._taken]

    def set_tokens(self, steps: float | None, samples: float | None) -> None:
        """Tokens from optimizer steps (times batch and length) or from samples (times length), where all are known."""
        seq, batch = self.values.get("parallel.seq_len"), self.values.get("parallel.global_batch")
        if samples is not None and seq is not None:
            self.values["workload.tokens"] = float(samples * seq)
        elif steps is not None and seq is not None and batch is not None:
            self.values["workload.tokens"] = float(steps * batch * seq)
        elif steps is not None or samples is not None:
            self.remark("tokens_need_batch", count=f"{steps if steps is not None else samples:,.0f}")
        tokens = self.values.get("workload.tokens")
        if tokens is not None and not 1e3 <= tokens <= 1e16:
            # a smoke test of a few steps, or a dummy number: nothing to estimate
            del self.values["workload.tokens"]
            self.remark("tokens_out_of_range", tokens=f"{tokens:.4g}")

    def settle_shape(self, hints: str, context: int | None, catalogue: Catalogue) -> None:
        """Turn the shape read so far into a preset where the catalogue has it, else into an architecture."""
        if not self.shape:
            return
        self._said = dict(self.shape)
        whole = all(name in self.shape for name in ESSENTIAL) and (
            bool(self.shape.get("ffn")) or bool(self.shape.get("moe_experts") and self.shape.get("moe_ffn"))
        )
        if whole or (set(ESSENTIAL) - set(self.shape) == {"vocab"} and "gated_mlp" in self.shape):
            same = matching_presets(self.shape, catalogue)
            if same:
                record = choose_preset(same, hints, context)
                self.values["model.preset"] = record.key
                self.dense = not record.architecture.get("moe_experts")
                others = ", ".join(other.key for other in same if other.key != record.key)
                if others:
                    self.remark("same_shape", preset=record.key, others=others)
                if "vocab" not in self.shape:
                    self.remark("vocab_of_preset", preset=record.key)
                self.shape = {}
                return
        if whole:
            self.values["model.architecture"] = spec_of(self.shape)
            self.dense = not self.shape.get("moe_experts")
            self.shape = {}

    def finish(self, format_name: str) -> Imported:
        """Validate, list what is open, and freeze.

        Raises
        ------
        Refusal
            For a value that no plan accepts.
        """
        for key, value in self.data.items():
            if key not in self._taken and not self.pattern.search(key):
                self.not_known(key, value)
        if any(path in self.values for path in ("parallel.tp", "parallel.zero_stage", "parallel.micro_batch")):
            self.values["parallel.auto"] = False
        Plan().with_values({"model.preset": None, "model.params": 1e9} | self.values)
        said = set(self.values)
        if said & {"model.preset", "model.architecture"}:
            said.add("model")
        if self.accelerators is not None:
            said.add("cluster.servers")
        open_shape = tuple(f"model.architecture.{name}" for name in SHAPE_ASKED if name not in self.shape)
        missing = [path for path in ASKED if path not in said and not (path == "parallel.ep" and self.dense)]
        if self.shape:
            missing[missing.index("model") : missing.index("model") + 1] = open_shape
        return Imported(
            format=format_name,
            values=dict(self.values),
            shape=dict(self.shape),
            missing=tuple(missing),
            defaulted=tuple(
                path for path in self.defaulted if path in ASKED and not (path == "parallel.ep" and self.dense)
            ),
            unknown=tuple(self.unknown),
            notes=tuple(self.notes),
            accelerators=self.accelerators,
            assumed=tuple(path for path in dict.fromkeys(self.defaulted) if path in self.values),
            said_shape=dict(self._said or self.shape),
            beside=tuple(self.besides),
        )

    def _refused(self, names: tuple[str, ...], value: object, key: str, **more: object) -> NamedRefusal:
        name = next((name for name in names if name in self.data), names[0])
        return NamedRefusal(key, name=shown(name), value=shown(repr(value), 60), **more)


def flattened(data: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested tables as dotted keys; lists stay values, empty tables say nothing."""
    flat: dict[str, Any] = {}
    stack: list[tuple[str, Mapping[str, Any]]] = [(prefix, data)]
    while stack:
        head, table = stack.pop(0)
        for key, value in table.items():
            path = f"{head}.{key}" if head else str(key)
            if isinstance(value, Mapping):
                stack.append((path, value))
            else:
                flat[path] = value
    return flat


Reader = Callable[[Any, str, Catalogue], Imported]
