"""Taking the inputs of a returned workbook back: named cells only, guarded, validated like the window's.

A workbook from outside is data, checked by :mod:`model.workbook.returned_package` first; formulas and results in it are
ignored; a formula typed into an input counts by its cached value.
"""

from __future__ import annotations

import datetime as dt
import io
import math
import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from mitsumori.model.base.dates import ACCEPTED, plan_date
from mitsumori.model.base.format import parse
from mitsumori.model.base.input_files import regular_bytes
from mitsumori.model.base.messages import Name, Sentence, text
from mitsumori.model.base.refusal import PlanError, Refusal
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.cost.owned_prices import sale_factor
from mitsumori.model.plan.inputs import inputs, proposal_inputs
from mitsumori.model.plan.overrides import accepted, table_cell
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.proposal import PREFIX, Proposal
from mitsumori.model.plan.resolve import resolve
from mitsumori.model.plan.typed import NUMBERS, typed_number
from mitsumori.model.training.schedule import whole_lead_months
from mitsumori.model.workbook.audience import PRICES, WITHHELD, counted_otherwise, customer_plan
from mitsumori.model.workbook.fields import bounds, fields, input_name
from mitsumori.model.workbook.inputs import EXPORTED, INPUT
from mitsumori.model.workbook.returned_package import MAX_FILE_BYTES, ReturnedError, guard
from mitsumori.model.workbook.safe import clean_text

ORIGIN = {"in_name": "name", "doc_model": "model", "doc_server": "server"}
"""Names of the cells that say which plan a workbook was written from."""
TEXTS = tuple(path for path, item in proposal_inputs().items() if item.workbook is not None)
"""Inputs of the cover, all of them texts."""
_TABLE_KEY = re.compile(r"tbl_(?:row|col|was|gpus)_\d{1,3}\Z")
_TABLE_INPUT = re.compile(r"in_overrides_table_(\d{1,3})_(\d{1,3})_(mfu|tokens_per_s_per_gpu)\Z")
GONE = "#REF!"
"""What a name stands for whose cell was deleted."""
MAX_PATH = 100
MAX_ROW, MAX_COLUMN = 2_000, 100
"""An input cell of ours never lies beyond; a file that says so is not ours."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One input that the returned file changes: plan path, value in the plan, value in the file."""

    path: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class Size:
    """A column of the training-time table: servers at the export, GPUs entered, and the servers these are (None: no whole)."""

    servers: int
    entered: Any
    new: int | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a returned workbook changes, and sentences about what of it cannot be taken."""

    changes: tuple[Difference, ...]
    notes: tuple[Sentence, ...] = ()
    proposal: tuple[Difference, ...] = ()
    """What it changes in the file's proposal, by paths such as ``proposal.subject``."""


@dataclass(frozen=True, slots=True)
class Returned:
    """What a returned workbook says: audience and the values of its inputs by plan path (None: left empty)."""

    audience: str
    values: Mapping[str, Any]
    sizes: tuple[Size, ...] = ()
    """Columns of the training-time table."""
    origin: Mapping[str, str] = field(default_factory=dict)
    """Name, model and server of the plan it was written from, where the file says them."""
    formulas: tuple[str, ...] = ()
    """Paths of inputs that hold a formula; its last value counts."""
    gone: tuple[str, ...] = ()
    """Paths of inputs whose cell was deleted with its row or sheet."""
    exported: Mapping[str, Any] = field(default_factory=dict)
    """What the cells of the inputs held at the export."""
    letter: str = "A"
    """Which of the file's scenarios this is."""
    others: tuple[Returned, ...] = ()
    """The further scenarios of the file, in order."""

    def without_result(self, path: str) -> bool:
        """Whether an input holds a formula that no spreadsheet has computed: it says nothing, not that it was left empty."""
        return path in self.formulas and self.values.get(path) is None


def read_file(path: Path) -> Returned:
    """Read the inputs of a returned workbook.

    Raises
    ------
    ReturnedError
        When the file cannot be read, is dangerous, or is no proposal of Mitsumori.
    """
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise ReturnedError("too_large", limit=MAX_FILE_BYTES // 1024 // 1024)
        data = regular_bytes(path, MAX_FILE_BYTES)
    except ReturnedError:
        raise
    except (OSError, Refusal) as error:
        raise ReturnedError("unreadable", name=path.name) from error
    return read_bytes(data)


def read_bytes(data: bytes) -> Returned:
    """As :func:`read_file`, from the file's content."""
    guard(data)
    import openpyxl
    import openpyxl.xml

    if not openpyxl.xml.DEFUSEDXML:  # openpyxl parses through defusedxml where it is installed, as our packages ask
        raise ReturnedError("no_guard")
    try:
        book = _loaded(data, values=True)
    except Exception as error:  # openpyxl raises whatever its parts raise on a damaged package
        raise ReturnedError("not_a_workbook") from error
    try:
        made = [_values(book, letter) for letter in _letters(book)]
    except ReturnedError:
        raise
    except Exception as error:
        raise ReturnedError("not_a_workbook") from error
    finally:
        book.close()
    first, *others = (replace(found, formulas=_formulas(data, places)) for found, places in made)
    return replace(first, others=tuple(others))


def _letters(book: Any) -> list[str]:
    """The scenarios of a file: the first, and those whose names end in a letter."""
    tokens = input_name("workload.tokens")
    ends = (match[1] for name in book.defined_names if (match := re.fullmatch(rf"{tokens}_([B-Z])", name)))
    return ["A", *sorted(ends)]


def _loaded(data: bytes, *, values: bool) -> Any:
    """The workbook with the values of its cells, or with their formulas."""
    import openpyxl

    with warnings.catch_warnings():  # what openpyxl says about a damaged package is no sentence for a user
        warnings.simplefilter("ignore")
        return openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=values, keep_links=False)


def _formulas(data: bytes, places: Mapping[str, Mapping[tuple[int, int], str]]) -> tuple[str, ...]:
    """Paths of the inputs whose cell holds a formula."""
    book = _loaded(data, values=False)
    found = []
    try:
        for title, cells in places.items():
            for line in book[title].iter_rows(max_row=max(row for row, _ in cells), max_col=max(c for _, c in cells)):
                for cell in line:
                    path = cells.get((getattr(cell, "row", 0), getattr(cell, "column", 0)))
                    if path is not None and cell.data_type == "f" and not _TABLE_KEY.match(path):
                        found.append(path)
    finally:
        book.close()
    return tuple(path for path in found if path not in ORIGIN)


def _values(book: Any, letter: str) -> tuple[Returned, dict[str, dict[tuple[int, int], str]]]:
    """The inputs of one scenario; what the cover says is the first one's for all."""
    end = "" if letter == "A" else f"_{letter}"
    names = {name.removesuffix(end): where for name, where in book.defined_names.items() if name.endswith(end)}
    if "doc_audience" not in names or input_name("workload.tokens") not in names:
        raise ReturnedError("foreign")
    wanted = {item.name: item.path for item in fields("internal")}
    if not end:
        wanted |= {input_name(path): path for path in TEXTS}
        wanted["in_customer"] = "proposal.customer"  # as earlier versions called it
    wanted |= {name: name for name in ("doc_audience", *ORIGIN)}
    keys = [name for name in names if _TABLE_KEY.match(name) or _TABLE_INPUT.match(name)]
    wanted |= {name: name for name in keys}
    places: dict[str, dict[tuple[int, int], str]] = {}
    gone = []
    for name, path in wanted.items():
        if name in names and GONE in (names[name].attr_text or ""):
            gone.append(path)
        elif name in names:
            title, row, column = _place(names[name])
            places.setdefault(title, {})[row, column] = path
    found: dict[str, Any] = {}
    exported: dict[str, Any] = {}
    for title, cells in places.items():
        if title not in book.sheetnames:
            raise ReturnedError("foreign")
        sheet = book[title]
        last_row, last_column = max(row for row, _ in cells), max(EXPORTED, *(column for _, column in cells))
        for number, line in enumerate(
            sheet.iter_rows(min_row=1, max_row=last_row, max_col=last_column, values_only=True), 1
        ):
            for column, value in enumerate(line, 1):
                if (number, column) in cells:
                    found[cells[number, column]] = value
                elif column == EXPORTED and (number, INPUT) in cells:
                    exported[cells[number, INPUT]] = value
        for place, path in cells.items():
            found.setdefault(path, None)
            del place
    sizes = _table_paths(found)
    audience = str(found.pop("doc_audience", ""))
    if audience not in ("customer", "internal"):
        raise ReturnedError("foreign")
    origin = {key: str(found.pop(name)) for name, key in ORIGIN.items() if found.get(name)}
    values = {path: value for path, value in found.items() if path not in ORIGIN}
    lost = tuple(path for path in gone if path not in keys and path not in ORIGIN)
    return Returned(audience, values, sizes, origin, gone=lost, exported=exported, letter=letter), places


def _table_paths(found: dict[str, Any]) -> tuple[Size, ...]:
    """Turn the names of the training-time table into plan paths: the row's model and the column's servers are in the file.

    What was entered under a changed GPU count belongs to the servers of the new count; where these are not whole servers it
    belongs to no cluster that can be planned, and is left out. Returns the columns.
    """
    keys = {name: found.pop(name) for name in list(found) if _TABLE_KEY.match(name)}
    sizes: dict[str, Size] = {}
    for name in keys:
        if name.startswith("tbl_col_") and (
            size := _size(*(keys.get(name.replace("col", k)) for k in ("col", "was", "gpus")))
        ):
            sizes[name.removeprefix("tbl_col_")] = size
    for name in list(found):
        if match := _TABLE_INPUT.match(name):
            value = found.pop(name)
            model, servers = keys.get(f"tbl_row_{match[1]}"), keys.get(f"tbl_col_{match[2]}")
            if match[2] in sizes:
                servers = sizes[match[2]].new
            if isinstance(model, str) and isinstance(servers, int | float) and not isinstance(servers, bool):
                path = table_cell(model, int(servers), match[3])
                if accepted(path) is not None and len(path) <= MAX_PATH:
                    found[f"overrides.{path}"] = value
    return tuple(sizes.values())


def _size(servers: Any, was: Any, now: Any) -> Size | None:
    """A column of the table; None where the file does not say what it was at the export."""
    if any(isinstance(value, bool) or not isinstance(value, int | float) for value in (servers, was)):
        return None
    if not (float(servers).is_integer() and float(was).is_integer() and 1 <= servers <= was):
        return None
    each = was / servers
    number = None if isinstance(now, bool) or not isinstance(now, int | float) else now / each
    whole = number is not None and math.isfinite(number) and number >= 1 and float(number).is_integer()
    return Size(int(servers), now, int(number) if whole and number is not None else None)


def _place(defined: Any) -> tuple[str, int, int]:
    """Sheet, row and column of a defined name that stands for one cell."""
    from openpyxl.utils.cell import coordinate_to_tuple

    destinations = list(defined.destinations)
    if len(destinations) != 1:
        raise ReturnedError("foreign")
    title, address = destinations[0]
    row, column = coordinate_to_tuple(address.replace("$", ""))
    if row > MAX_ROW or column > MAX_COLUMN:
        raise ReturnedError("foreign")
    return title, row, column


def _converted(path: str, value: Any, plan: Plan) -> Any:
    """The value as the plan takes it; whole floats of whole-number fields become whole numbers, texts what they say."""
    if path in TEXTS:
        return "" if value is None else str(value).upper() if isinstance(value, bool) else str(value)
    kind = bounds(path).kind
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if kind == "date":
        try:
            return plan_date(value)
        except ValueError as error:
            raise PlanError.single(path, value, ACCEPTED) from error
    if isinstance(value, str):
        value = _typed(path, value, plan)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise PlanError.single(path, value, Sentence("refusals", "rule_float_type"))
    if kind == "whole" and float(value).is_integer():
        return int(value)
    return value


def _typed(path: str, typed: str, plan: Plan) -> float | str:
    """The number that a text in a cell says (``¥50,000,000``, ``３０％``, ``48か月``); the text itself where it says none."""
    item, plain = inputs().get(path), typed.strip().lstrip("'")
    try:
        if item is None or item.kind not in NUMBERS:
            return parse(plain)
        # a sheet counts in the currency of its side, also where the price was quoted in another
        return typed_number(item, plain, currency=str(plan.value(item.currency)) if item.currency else "")
    except Refusal:
        return typed


def _optional(path: str) -> bool:
    return path not in TEXTS and bounds(path).optional


def differences(plan: Plan, path: Path, catalogue: Catalogue | None = None) -> tuple[Difference, ...]:
    """The changes of :func:`compared`.

    Parameters
    ----------
    plan
        Plan that the workbook is compared with.
    path
        The returned workbook.
    catalogue
        Records of the project; None: the shipped ones.
    """
    return compared(plan, path, catalogue).changes


def compared(
    plan: Plan, path: Path, catalogue: Catalogue | None = None, proposal: Proposal | None = None, scenario: str = ""
) -> Comparison:
    """What a returned workbook changes in a plan, validated; nothing is applied.

    GPU counts of the training-time table come back as its cluster sizes where they are whole servers. The price of a server
    in a customer's file is the sale price; it comes back as the list price that gives it under the plan's own discount and
    margin.

    Parameters
    ----------
    plan
        Plan that the workbook is compared with.
    path
        The returned workbook.
    catalogue
        Records of the project; None: the shipped ones.
    proposal
        What the plan's proposal says, which the cover of the file is compared with; None: nothing.
    scenario
        Letter of the scenario that is taken from a file with several; empty: the one of the plan's name, else the first.

    Raises
    ------
    Refusal
        One sentence: for a scenario that the file does not have, for a file that is refused, or for a value that the plan does
        not accept.
    """
    whole = read_file(path)
    returned = _scenario(plan, whole, scenario)
    known = customer_plan(plan, catalogue) if returned.audience == "customer" else plan
    otherwise = counted_otherwise(known)
    found: list[Difference] = []
    read: list[Sentence] = []
    for key, raw in returned.values.items():
        if (
            key in TEXTS
            or (key in otherwise and _equal(returned.exported.get(key), raw))
            or returned.without_result(key)
        ):
            continue
        if returned.audience == "customer" and key in WITHHELD:
            continue
        new = _converted(key, raw, plan)
        old = known.value(key)
        if isinstance(raw, str) and new is not None:
            shown = str(new) if isinstance(new, dt.date) else f"{new:,.15g}"
            read.append(
                Sentence("workbook", "read_text", {"input": _label(key), "typed": raw.strip()[:40], "value": shown})
            )
        if (new is None and not _optional(key)) or _equal(old, new):
            continue
        own = plan.value(key)
        plan.with_values({key: new})  # refused with what was entered, not with what becomes of it
        if key == "money.onprem.server_price" and returned.audience == "customer" and new is not None:
            new = new / sale_factor(plan.money)
        found.append(Difference(key, own, new))
        quoted = PRICES.get(key)
        if quoted is not None and plan.value(quoted) is not None:  # the sheet's price is in the currency of its side
            found.append(Difference(quoted, plan.value(quoted), None))
    sizes, notes = _sizes(plan, returned.sizes)
    if sizes != plan.table.servers:
        found.append(Difference("table.servers", plan.table.servers, sizes))
    plan.with_values({item.path: item.new for item in found})
    offered = _proposal_changes(plan, proposal or Proposal(), whole)
    (proposal or Proposal()).with_values({item.path: item.new for item in offered})
    lost = (Sentence("workbook", "read_gone", {"input": _label(path)}) for path in returned.gone)
    notes = (*_origin_notes(plan, returned, catalogue), *read, *lost, *notes, *_left_aside(whole, returned))
    return Comparison(tuple(found), notes, offered)


def _scenario(plan: Plan, whole: Returned, letter: str) -> Returned:
    """The scenario of a file that belongs to a plan: the one asked for, else the first of the plan's name, else the first."""
    every = (whole, *whole.others)
    if letter:
        found = next((one for one in every if one.letter == letter.strip().upper()), None)
        if found is None:
            raise ReturnedError("no_scenario", letter=letter[:20], letters=", ".join(one.letter for one in every))
        return found
    return next((one for one in every if one.origin.get("name") == clean_text(plan.name)), whole)


def _left_aside(whole: Returned, taken: Returned) -> tuple[Sentence, ...]:
    """That a file holds more scenarios than the one that was taken."""
    others = [one for one in (whole, *whole.others) if one is not taken]
    if not others:
        return ()
    named = ", ".join(f"{one.letter} ({one.origin.get('name', '?')})" for one in others)
    words = {"letter": taken.letter, "name": taken.origin.get("name", "?"), "others": named}
    return (Sentence("workbook", "read_other_scenarios", words),)


def _proposal_changes(plan: Plan, proposal: Proposal, returned: Returned) -> tuple[Difference, ...]:
    """Texts of the cover that differ from the file's proposal, or from what stood there where that says nothing."""
    months = whole_lead_months(plan.money)
    standing = {
        "proposal.subject": {plan.name, returned.origin.get("name", "")},
        "proposal.delivery": {
            text("workbook", "cover_delivery_months", code, months=months) for code in ("ja", "en") if months
        },
    }  # fmt: skip
    found = []
    for path in TEXTS:
        if path not in returned.values or returned.without_result(path):
            continue
        new, old = _converted(path, returned.values[path], plan), str(getattr(proposal, path.removeprefix(PREFIX)))
        if new != old and not (old == "" and new in standing.get(path, ())):
            found.append(Difference(path, old, new))
    return tuple(found)


def _origin_notes(plan: Plan, returned: Returned, catalogue: Catalogue | None) -> tuple[Sentence, ...]:
    """That the workbook was written from another plan, and that inputs hold formulas."""
    resolved = resolve(plan, catalogue)
    mine = {"name": plan.name, "model": resolved.model_name, "server": resolved.server.name}
    notes = []
    if any(returned.origin.get(key, value) != clean_text(value) for key, value in mine.items()):
        other = {key: returned.origin.get(key, "?") for key in mine}
        notes.append(Sentence("workbook", "read_other_plan", {**other, "plan": plan.name}))
    for path in returned.formulas:
        said = "read_formula_without_result" if returned.without_result(path) else "read_formula"
        notes.append(Sentence("workbook", said, {"input": _label(path)}))
    return tuple(notes)


def _label(path: str) -> Name:
    """What an input is called."""
    item = inputs().get(path) or proposal_inputs().get(path)
    return Name(item.label("en"), item.label("ja")) if item else Name(path, path)


def _sizes(plan: Plan, columns: Sequence[Size]) -> tuple[tuple[int, ...], tuple[Sentence, ...]]:
    """The sizes of the plan's table after the changed columns, and a sentence for each that is not whole servers."""
    new = {size.servers: size.new for size in columns if size.new not in (None, size.servers)}
    notes = tuple(
        Sentence("workbook", "read_table_size", {"count": str(size.entered)[:40], "servers": size.servers})
        for size in columns
        if size.new is None
    )
    if not new:
        return plan.table.servers, notes
    shown = plan.table.servers or tuple(size.servers for size in columns)
    return tuple(dict.fromkeys(new.get(count) or count for count in shown)), notes


def _equal(old: Any, new: Any) -> bool:
    if isinstance(old, int | float) and isinstance(new, int | float):
        return abs(old - new) <= 1e-12 * max(1.0, abs(old), abs(new))
    return bool(old == new)


def applied(plan: Plan, changes: tuple[Difference, ...]) -> Plan:
    """The plan with the differences the user confirmed."""
    return plan.with_values({item.path: item.new for item in changes})
