"""What the user should know about the money: missing prices, unusual terms."""

from __future__ import annotations

import math
from collections.abc import Mapping

from mitsumori.model.base.arrays import Num
from mitsumori.model.base.findings import Finding, Remedy
from mitsumori.model.base.format import Amount, Duration
from mitsumori.model.base.messages import Name
from mitsumori.model.catalogue.places import instance_name, offer_name, region_name
from mitsumori.model.catalogue.records import CloudInstance
from mitsumori.model.cost.factors import PATHS, entered, listed_range
from mitsumori.model.cost.line_table import capital
from mitsumori.model.cost.money import exchange, number, product
from mitsumori.model.cost.owned_prices import unpriced
from mitsumori.model.cost.prices import CostInputs, Quote, price_of_term
from mitsumori.model.cost.software import licences
from mitsumori.model.plan.inputs import within
from mitsumori.model.plan.plan import Money
from mitsumori.model.plan.prices import TERM_MONTHS, instance_key
from mitsumori.model.training.schedule import DAYS_PER_MONTH, whole_lead_months, working_months

__all__ = ["findings", "subsidy_findings"]


def findings(money: Money, inputs: CostInputs, asked: Quote) -> tuple[Finding, ...]:
    """All findings of the cost model, questions first.

    Parameters
    ----------
    money
        The plan's money part.
    inputs
        What the rest of the estimate found for the plan.
    asked
        The prices in use, with their gaps.
    """
    params: dict[str, object]
    found = [_ask(path, money, inputs, asked) for path in asked.missing]
    found += [_open(path, money, inputs) for path in asked.open_items]
    found += _elsewhere(money, inputs)
    found += _cloud(money, inputs, asked)
    found += _outside(money, inputs)
    if asked.runs_ratio is not None and asked.runs_ratio > 1.0 and inputs.training_days:
        most = int(365.0 / inputs.training_days)
        remedies = (Remedy("cost_fewer_runs", {"workload.runs_per_year": float(most)}, {"runs": most}),) if most else ()
        params = {"runs": f"{inputs.runs_per_year:g}", "days": Duration(inputs.training_days)}
        found.append(Finding("cost_too_many_runs", "warn", "workload.runs_per_year", params, remedies))
    found += _beyond(money, inputs) + _lead(money)
    own, used = money.onprem, max(money.horizon_months - whole_lead_months(money), 0)
    if own.lease_rate_per_month is not None and own.lease_months != used:
        code = "cost_lease_longer" if own.lease_months > used else "cost_lease_renewed"
        params = {"lease": own.lease_months, "horizon": used}
        found.append(Finding(code, "info", "money.onprem.lease_months", params))
    return tuple(found)


def subsidy_findings(money: Money, initial: Mapping[str, Num], tax: float) -> tuple[Finding, ...]:
    """A subsidy larger than what it is for: the rest counts as income, which no support of purchases is.

    Parameters
    ----------
    money
        The plan's money part.
    initial
        Initial costs of owning by line, in the plan's currency.
    tax
        Consumption tax rate that stays a cost, else 0.
    """
    own = money.onprem
    if not own.subsidy:
        return ()
    bought = float(sum(capital(initial, tax)))
    received = float(product(own.subsidy, exchange(own.currency, money.currency, number(money.usd_jpy))))
    if not received > bought:
        return ()
    params = {"subsidy": Amount(received, money.currency), "bought": Amount(bought, money.currency)}
    return (Finding("cost_subsidy_beyond", "warn", "money.onprem.subsidy", params),)


def _beyond(money: Money, inputs: CostInputs) -> list[Finding]:
    """A training that does not end within the horizon: the totals hold a part of it only."""
    used = working_months(money)
    if not used or inputs.training_days is None or inputs.training_days <= used * DAYS_PER_MONTH:
        return []
    months = math.ceil(inputs.training_days / DAYS_PER_MONTH) + money.horizon_months - used
    remedy = Remedy("cost_longer_horizon", {"money.horizon_months": months}, {"months": months})
    params = {"days": Duration(inputs.training_days), "months": used}
    remedies = (remedy,) if within("money.horizon_months", months) else ()
    return [Finding("cost_beyond_horizon", "warn", "money.horizon_months", params, remedies)]


def _lead(money: Money) -> list[Finding]:
    """Months between the order and the first month of use: what they leave of the horizon, and what happens in them."""
    lead, path = whole_lead_months(money), "money.onprem.delivery_months"
    if not lead:
        return []
    params: dict[str, object] = {"lead": lead, "months": money.horizon_months, "used": money.horizon_months - lead}
    if lead >= money.horizon_months:
        return [Finding("cost_lead_beyond", "warn", path, params)]
    return [Finding("cost_lead_rented" if money.onprem.interim_cloud else "cost_lead_waited", "info", path, params)]


def _ask(path: str, money: Money, inputs: CostInputs, asked: Quote) -> Finding:
    name = path.rpartition(".")[2]
    instance = inputs.cloud_instance
    params = {
        "instance": offer_name(instance.instance) if instance else "-",
        "region": region_name(instance.region) if instance else "-",
        "server": inputs.server.name,
        "currency": money.onprem.currency,
        "further": ", ".join(dict.fromkeys(unpriced(money, inputs))),
        "software": ", ".join(licences(money, inputs.catalogue).missing),
    }
    if name == "server_price" and inputs.server.not_for_sale == "rented":
        name = "server_rented"  # there is no quotation to be had
    return Finding(f"cost_ask_{name}", "ask", path, params, _price_remedies(name, money, inputs, asked))


def _open(path: str, money: Money, inputs: CostInputs) -> Finding:
    """A one-off that nobody priced: nothing is needed, or for electrical works the published price of a new hall."""
    name = path.rpartition(".")[2]
    remedies = [Remedy(f"cost_no_{name}", {path: 0.0})]
    own, usd_jpy = money.onprem, money.usd_jpy
    it_kw = inputs.it_max_kw or inputs.it_busy_kw
    if name == "power_works" and it_kw == it_kw and (own.currency == "USD" or usd_jpy is not None):
        usd_per_mw = inputs.catalogue.tariff("hall-capex-per-mw").value
        price = usd_per_mw * it_kw / 1000.0 * (1.0 if own.currency == "USD" else usd_jpy or 0.0)
        shown = {"price": Amount(price, own.currency), "per_mw": Amount(usd_per_mw, "USD")}
        remedies.append(Remedy("cost_build_hall", {path: float(round(price))}, shown))
    return Finding(f"cost_open_{name}", "ask", path, remedies=tuple(remedies))


def _price_remedies(name: str, money: Money, inputs: CostInputs, asked: Quote) -> tuple[Remedy, ...]:
    """Published figures a user may adopt with a click; never taken silently."""
    cloud, own = money.cloud, money.onprem
    params: dict[str, object]
    if name in ("reserved_1y_per_hour", "reserved_3y_per_hour"):
        listed = price_of_term(cloud, inputs.cloud_instance, "on_demand", money.tax_rate, money.prices)
        if listed.value is None or listed.currency != cloud.currency:
            return ()
        ratio = inputs.catalogue.tariff("reserved-1y-ratio" if "1y" in name else "reserved-3y-ratio").value
        price = round(listed.value * ratio, 2)
        params = {"price": Amount(price, cloud.currency), "percent": f"{ratio * 100:.0f}"}
        return (Remedy("cost_use_reserved_ratio", {f"money.cloud.{name}": price}, params),)
    if name == "cooling_retrofit_per_rack" and inputs.cooling is not None and inputs.cooling.key == "rear_door":
        usd = inputs.catalogue.tariff("rear-door-price").value
        if own.currency == "JPY" and money.usd_jpy is None:
            return ()
        price = usd if own.currency == "USD" else round(usd * (money.usd_jpy or 0.0))
        params = {"price": Amount(price, own.currency), "from_price": Amount(usd, "USD")}
        return (Remedy("cost_use_rear_door_price", {"money.onprem.cooling_retrofit_per_rack": price}, params),)
    return ()


def _cloud(money: Money, inputs: CostInputs, asked: Quote) -> list[Finding]:
    cloud, instance = money.cloud, inputs.cloud_instance
    found: list[Finding] = []
    params: dict[str, object]
    months = TERM_MONTHS.get(cloud.term)
    if months is not None and working_months(money) % months:
        params = {"term": months, "horizon": working_months(money)}
        found.append(Finding("cost_reserved_term_open", "warn", "money.horizon_months", params))
    if "money.onprem.server_price" in asked.weak and inputs.server.price is not None:
        params = {"server": inputs.server.name, "date": inputs.server.price.date or "-"}
        found.append(Finding("cost_server_price_weak", "warn", "money.onprem.server_price", params))
    if instance is None:
        return found
    if cloud.price_per_hour is None and (instance.tax or "").startswith("included"):
        params = {"instance": instance.instance, "percent": f"{money.tax_rate * 100:g}"}
        found.append(Finding("cost_price_included_tax", "info", "money.cloud.instance", params))
    if "money.cloud.price_per_hour" in asked.weak:
        params = {"instance": instance.instance, "date": instance.price_date or "-"}
        found.append(Finding("cost_price_weak", "warn", "money.cloud.price_per_hour", params))
    if instance.accelerator is not None and instance.accelerator != inputs.server.accelerator:
        params = _accelerators(instance, inputs)
        found.append(Finding("cost_cloud_other_accelerator", "warn", "money.cloud.instance", params))
    if (
        instance.accelerator != inputs.server.accelerator
        and cloud.throughput_factor == 1.0
        and inputs.cloud_speed == 1.0
    ):
        params = _accelerators(instance, inputs)
        found.append(Finding("cost_speed_not_given", "warn", "money.cloud.throughput_factor", params))
    return found


def _outside(money: Money, inputs: CostInputs) -> list[Finding]:
    """Entered prices beyond everything that is published for such machines: a unit, a currency or a tax gone wrong."""
    found: list[Finding] = []
    instance = inputs.cloud_instance
    names = {"server_price": inputs.server.name, "cloud_price": "-" if instance is None else instance.instance}
    amounts = {"server_price": money.onprem.server_price, "cloud_price": money.cloud.price_per_hour}
    for key in sorted(entered(money, inputs) & names.keys()):
        price, known = amounts[key], listed_range(key, money, inputs)
        if price is None or known is None or known[0] <= price <= known[1]:
            continue
        shown = {"price": price, "low": known[0], "high": known[1]}
        params: dict[str, object] = {name: Amount(amount, known[2]) for name, amount in shown.items()}
        params["what"] = names[key]
        found.append(Finding(f"cost_{key}_outside", "warn", PATHS[key], params))
    return found


def _accelerators(instance: CloudInstance, inputs: CostInputs) -> dict[str, object]:
    """Names of the rented and of the owned accelerator; where its record names none, the instance stands for what is rented."""
    known = inputs.catalogue.accelerators()
    keys = {"rented": instance.accelerator or instance.instance, "owned": inputs.server.accelerator}
    return {side: known[key].name if key in known else key for side, key in keys.items()}


def _elsewhere(money: Money, inputs: CostInputs) -> list[Finding]:
    """Prices that were entered for another server or instance: they are kept, and not used for this one."""
    found: list[Finding] = []
    names = {key: record.name for key, record in inputs.catalogue.servers().items()}
    if money.onprem.server_price is None:
        keys = [key[len("server:") :].split("/")[0] for key in money.prices if key.startswith("server:")]
        others = [names.get(key, key) for key in dict.fromkeys(keys)]
        if others:
            params = {"others": ", ".join(others[:3]), "server": inputs.server.name}
            found.append(Finding("cost_price_elsewhere", "info", "money.onprem.server_price", params))
    cloud, instance = money.cloud, inputs.cloud_instance
    if cloud.price_per_hour is None and instance is not None:
        mine = instance_key(instance.key)
        keys = [key.rpartition("/")[0] for key in money.prices if key.startswith("cloud:")]
        known = inputs.catalogue.cloud_instances()
        rented = [key[len("cloud:") :] for key in dict.fromkeys(keys) if key != mine][:3]
        if rented:
            priced = [
                instance_name(known[name]) if name in known else Name(name or "-", name or "-") for name in rented
            ]
            joined = Name(", ".join(one.en for one in priced), "、".join(one.ja for one in priced))
            said = {"others": joined, "instance": instance_name(instance)}
            found.append(Finding("cost_cloud_price_elsewhere", "info", "money.cloud.price_per_hour", said))
    return found
