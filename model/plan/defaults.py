"""Prices that a company uses in every quotation: kept in a file that can be shared, copied into each new plan.

The file is TOML, one table a value with its date and who said so::

    [values."money.usd_jpy"]
    value = 150.0
    date = "2026-11-20"
    source = "Finance"

    [prices."server:HPE-XD670"]
    price = 45000000.0
    currency = "JPY"
    date = "2026-11-12"
    source = "quotation 1123"

A plan that is made takes them over once; it never looks them up later, so that it has the same figures everywhere.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mitsumori.model.base.files import write_atomic
from mitsumori.model.base.input_files import regular_bytes
from mitsumori.model.base.messages import Sentence
from mitsumori.model.base.refusal import PlanError, Refusal, problems_of
from mitsumori.model.plan.part import Date, Text
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.prices import Price

__all__ = ["DEFAULTABLE", "Default", "Defaults", "kept_from", "read_defaults", "with_defaults", "write_defaults"]

DEFAULTABLE: Final = (
    "money.usd_jpy",
    "money.onprem.staff_cost_per_year",
    "money.onprem.cooling_retrofit_per_rack",
    "money.onprem.storage_price",
    "money.onprem.power_works",
    "money.onprem.network_price",
    "money.onprem.colocation_setup",
    "money.onprem.rent_per_rack_month",
    "money.onprem.rent_per_kva_month",
    "money.onprem.delivery_months",
    "money.onprem.works_months",
    "money.onprem.installation_days",
    "money.electricity_jpy_per_kwh",
)
"""Inputs that a company may keep; prices of servers and instances are kept by what they price."""
LARGEST_BYTES: Final = 1_000_000
RATE, RATE_DATE = "money.usd_jpy", "money.usd_jpy_date"


class Default(BaseModel):
    """One value with its day and who said so; ``currency`` for amounts of money."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    value: Annotated[float, Field(ge=0, le=1e18, allow_inf_nan=False)]
    date: Date | None = None
    source: Text = ""
    currency: str = ""


class Defaults(BaseModel):
    """The company's values by plan path, and prices by what they price."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    values: dict[str, Default] = {}
    prices: dict[str, Price] = {}

    def with_value(self, path: str, value: Default | None) -> Defaults:
        """The same with one value kept, or forgotten (None)."""
        values = {key: item for key, item in self.values.items() if key != path}
        return self.model_copy(update={"values": values | ({} if value is None else {path: value})})

    def with_price(self, key: str, price: Price | None) -> Defaults:
        """The same with one price kept, or forgotten (None)."""
        prices = {name: item for name, item in self.prices.items() if name != key}
        return self.model_copy(update={"prices": prices | ({} if price is None else {key: price})})


def read_defaults(path: Path) -> Defaults:
    """The file of a company; nothing where there is none.

    Raises
    ------
    Refusal
        One sentence: no TOML, or an entry that is not accepted.
    """
    try:
        data = regular_bytes(path, LARGEST_BYTES)
    except FileNotFoundError:
        return Defaults()
    try:
        document = tomllib.loads(data.decode("utf-8-sig"))
        found = Defaults.model_validate(document)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError):
        raise Refusal(Sentence("refusals", "defaults_no_toml", {"name": path.name})) from None
    except ValidationError as error:
        raise PlanError(problems_of(error)) from None
    for key in found.values:
        if key not in DEFAULTABLE:
            raise Refusal(Sentence("refusals", "defaults_unknown", {"name": path.name, "path": key[:80]}))
    return found


def write_defaults(defaults: Defaults, path: Path) -> None:
    """Write the file, all or nothing.

    Raises
    ------
    OSError
        As :func:`model.base.files.write_atomic`.
    """
    lines = ["# Prices of the company for every quotation (Mitsumori).", ""]
    for table, entries in (("values", defaults.values), ("prices", defaults.prices)):
        for key, item in sorted(entries.items()):
            lines.append(f"[{table}.{_quoted(key)}]")
            for name, value in item.model_dump(exclude_none=True).items():
                if value != "":
                    lines.append(f"{name} = {_toml(value)}")
            lines.append("")
    write_atomic(path, "\n".join(lines).encode())


def _quoted(text: str) -> str:
    body = "".join(c if c.isprintable() and c not in '"\\' else f"\\u{ord(c):04x}" for c in text if ord(c) < 0x10000)
    return f'"{body}"'


def _toml(value: Any) -> str:
    if isinstance(value, dt.date):
        return _quoted(value.isoformat())
    return _quoted(value) if isinstance(value, str) else repr(float(value))


def with_defaults(plan: Plan, defaults: Defaults) -> Plan:
    """A new plan with the company's values where it has none; what it took over says so, with its date and source."""
    changes: dict[str, object] = {}
    for path, item in defaults.values.items():
        if plan.value(path) is not None:
            continue
        value = item.value
        currency = plan.value("money.onprem.currency") if path.startswith("money.onprem.") else ""
        if item.currency and currency and item.currency != currency:
            continue  # an amount in another currency is no amount of this plan
        changes |= {path: value, f"origins.{path}": {"kind": "company", "source": item.source, "date": item.date}}
        if path == RATE and item.date is not None:
            changes[RATE_DATE] = item.date
    for key, price in defaults.prices.items():
        if key not in plan.money.prices:
            changes[f"money.prices.{key}"] = price.model_dump()
    return plan.with_values(changes) if changes else plan


def kept_from(plan: Plan, path: str, today: dt.date, source: str = "") -> Default | None:
    """The value of a plan as one that the company keeps from now on; None where it has none.

    Parameters
    ----------
    plan
        Where the value stands.
    path
        Plan path, one of :data:`DEFAULTABLE`.
    today
        Date of a value that has none of its own.
    source
        Who said it; empty takes the plan's own note of its origin.
    """
    value = plan.value(path)
    if value is None or path not in DEFAULTABLE:
        return None
    origin: Mapping[str, Any] | None = None if (found := plan.origins.get(path)) is None else found.model_dump()
    said = source or (origin or {}).get("source", "")
    date = plan.money.usd_jpy_date if path == RATE else None
    currency = plan.money.onprem.currency if path.startswith("money.onprem.") and "months" not in path else ""
    return Default(value=float(value), date=date or today, source=said, currency=currency)
