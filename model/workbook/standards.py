"""Standard values of inputs that may stay empty, each with its basis."""

from __future__ import annotations

from mitsumori.model.catalogue.record import source_words
from mitsumori.model.catalogue.records import Record
from mitsumori.model.cost.cloud_prices import TERMS
from mitsumori.model.cost.money import Offer, exchange, number
from mitsumori.model.cost.owned_prices import storage_listed
from mitsumori.model.facility.network import share_by_rule, share_record
from mitsumori.model.facility.power import IDLE_SHARE, server_power
from mitsumori.model.facility.supply import record_of_class
from mitsumori.model.facility.support_racks import fleet_of
from mitsumori.model.facility.water import air_cap, liquid_cap
from mitsumori.model.plan.overrides import SPEED, SPEED_HIGH, SPEED_LOW
from mitsumori.model.plan.prices import HOUR_PRICES
from mitsumori.model.workbook.context import Context
from mitsumori.model.workbook.facts import Facts
from mitsumori.model.workbook.fields import input_name
from mitsumori.model.workbook.standard import Standard, provenance_basis


def record_basis(record: Record, path: str, language: str) -> str:
    """Source, date and grade of a catalogue figure in one line.

    Parameters
    ----------
    record
        Record that states the figure.
    path
        Of the figure in the record.
    language
        ``ja`` or ``en``.
    """
    origin = record.provenance(path)
    if origin is None:
        return str(getattr(record, "name", record.key))
    parts = [source_words(origin.title, language), source_words(origin.date or "", language), f"({origin.grade})"]
    return " ".join(part for part in parts if part)


def standards(context: Context, facts: Facts) -> dict[str, Standard]:
    """The standards of every input that may stay empty."""
    found: dict[str, Standard] = {}
    found |= _training(context, facts)
    found |= _facility(context, facts)
    found |= _server(context, facts)
    found |= _money(context, facts)
    found |= _cloud(context, facts)
    found |= _onprem(context, facts)
    facts.standards = found
    return found


def _training(context: Context, facts: Facts) -> dict[str, Standard]:
    listed = Standard(None, context.t("std_api_price"), needed=False)
    found = {"workload.runs_per_year": Standard(None, context.t("std_runs"), needed=False)} | _predicted(context, facts)
    return found | {f"serving.api_price.{name}": listed for name in ("input", "cached", "output")}


def _predicted(context: Context, facts: Facts) -> dict[str, Standard]:
    """Predicted figures that a sheet cannot compute, each with the formula of what counts in its place."""
    t, values, training = context.t, context.predicted.values, facts.estimate.training
    found: dict[str, Standard] = {}
    for path, value in values.items():
        if path not in (SPEED, SPEED_LOW, SPEED_HIGH):
            group = "step" if path.startswith("training.breakdown_s") else path.split(".")[0]
            found[f"overrides.{path}"] = Standard(value, t(f"std_predicted_{group}"), role="pasted")
    speed = training.tokens_per_s_per_gpu
    used = use_name(SPEED)
    parts = [path for path in values if path.startswith("training.breakdown_s.")]
    body = "{standard}"
    if parts and facts.tokens_per_step:
        # sums on rows of their own on the sheet of the training (training._breakdown)
        body = "IF(AND(use_step_entered>0,use_step_parts>0),cst_step_tokens/use_step_parts/cst_gpus,{standard})"
    provenance = context.predicted.provenance
    fitted = (
        provenance is not None and provenance.kind == "fitted"
    )  # where the constants lie is no basis a customer can open
    basis = t(
        "std_speed",
        basis=provenance.date if fitted and provenance is not None else provenance_basis(context, provenance),
    )
    found[f"overrides.{SPEED}"] = Standard(
        values[SPEED], basis, role="pasted", used=f"=IF(ISNUMBER({{input}}),{{input}},{body})", counts=speed.value
    )
    mine, pasted = input_name(f"overrides.{SPEED}"), "std" + used[3:]
    near = t("std_interval", near=training.near_runs)
    for path, function, end in ((SPEED_LOW, "MIN", speed.low), (SPEED_HIGH, "MAX", speed.high)):
        follows = f"IF(ISNUMBER({mine}),{used},IF({pasted}>0,{{standard}}*{used}/{pasted},{used}))"
        found[f"overrides.{path}"] = Standard(
            values[path], near, role="pasted", counts=end,
            used=f"=IF(AND(ISNUMBER({{input}}),{used}>0),{function}({{input}},{used}),{follows})",
        )  # fmt: skip
    return found


def use_name(path: str) -> str:
    """The defined name of the value that counts for an override path."""
    return "use" + input_name(f"overrides.{path}")[2:]


def _modelled(context: Context, facts: Facts, path: str, basis: str = "", formula: str = "") -> Standard:
    """The standard that the estimate states for an input; ``basis`` where its provenance says less than a formula's text."""
    figure = facts.estimate.standard(path)
    value, origin = (None, None) if figure is None else (figure.value, figure.provenance)
    return Standard(value, basis or provenance_basis(context, origin), formula=formula)


def _facility(context: Context, facts: Facts) -> dict[str, Standard]:
    method, product, server = facts.options.methods[facts.chosen], facts.product, facts.resolved.server
    none = Standard(None, context.t("not_needed"), needed=False)
    air = Standard(
        None if product else air_cap(context.plan.facility, method),
        record_basis(method, "air_cap_kw", context.language),
        needed=not product,
    )
    liquid = Standard(
        None if product else liquid_cap(context.plan.facility, method),
        record_basis(method, "liquid_cap_kw", context.language),
        needed=not product,
    )
    if product or method.rack_kva is not None:
        kva = Standard(method.rack_kva, record_basis(method, "rack_kva", context.language), needed=not product)
    else:
        a, b = "use_facility_air_limit_kw", "use_facility_liquid_limit_kw"
        formula = f'=IF(AND(ISNUMBER({a}),ISNUMBER({b})),{a}+{b},"{context.unknown}")'
        kva = _modelled(context, facts, "facility.rack_kva", context.t("std_rack_kva"), formula)
    fraction = server.liquid_heat_fraction if server.liquid_heat_fraction is not None else method.liquid_fraction
    unchecked = (
        "rack_weight_limit_kg",
        "floor_limit_kg_m2",
        "floor_point_limit_kg_m2",
        "hall_kva_free",
        "hall_cooling_kw_free",
        "hall_racks_free",
    )
    found = {f"facility.{name}": none for name in unchecked}
    found |= {
        "facility.rack_kva": kva,
        "facility.air_limit_kw": air,
        "facility.liquid_limit_kw": liquid,
        "facility.liquid_heat_fraction": Standard(
            fraction, record_basis(method, "liquid_fraction", context.language), needed=False
        ),
        "facility.pue": _modelled(context, facts, "facility.pue", context.t("std_pue"), "=std_pue"),
        "facility.wue": _modelled(context, facts, "facility.wue"),
        "facility.co2_kg_per_kwh": _modelled(context, facts, "facility.co2_kg_per_kwh"),
        "facility.server_weight_kg": Standard(
            server.weight_kg,
            context.t("not_needed")
            if server.weight_kg is None
            else record_basis(server, "weight_kg", context.language),
            needed=False,
        ),
    }
    compute, known, share = "out_facility_details_compute_kw", "cst_known_kw", "cst_other_share"
    if facts.storage_units is not None:
        known = "(cst_known_kw+cst_storage_kw*out_facility_storage_units)"
    support = facts.support
    if not support.exists:
        basis, formula = context.t("std_no_support"), ""
    else:
        expression = f"MAX({share},{known}/{compute})" if support.unknown else f"{known}/{compute}"
        basis, formula = context.t("std_other_share"), f'=IF(ISNUMBER({compute}),{expression},"{context.unknown}")'
    found["facility.other_power_share"] = _modelled(context, facts, "facility.other_power_share", basis, formula)
    return found


def _server(context: Context, facts: Facts) -> dict[str, Standard]:
    """Power of one server: the catalogue's figure, else a stated ratio of the maximum."""
    server, part = facts.resolved.server, context.plan.facility
    own = server.power("max")
    bare = server_power(part.model_copy(update={"server_max_kw": None}), server, facts.resolved.catalogue)
    basis = (
        record_basis(server, own.path, context.language) if facts.estimated_kw is None else context.t("std_estimated")
    )
    found = {"facility.server_max_kw": Standard(bare.max_kw, basis)}
    if facts.estimated_kw is not None:  # a machine that drew more is rated for more
        peak, constant = input_name("facility.server_peak_kw"), "cst_estimated_kw"
        formula = f"=IF(ISNUMBER({peak}),MAX({constant},{peak}),{constant})"
        found["facility.server_max_kw"] = Standard(bare.max_kw, basis, formula=formula)
    top = facts.power.max_kw
    tariff = facts.resolved.catalogue.tariff
    ratios = (
        ("peak", "cst_peak_ratio", tariff("train-peak-ratio").value),
        ("average", "cst_average_ratio", tariff("train-average-ratio").value),
        ("idle", "cst_idle_share", IDLE_SHARE),
    )
    for name, constant, ratio in ratios:
        figure = server.power(name)  # type: ignore[arg-type]
        if figure.kw is not None:
            found[f"facility.server_{name}_kw"] = Standard(
                figure.kw, record_basis(server, figure.path, context.language)
            )
            continue
        maximum = "use_facility_server_max_kw"
        found[f"facility.server_{name}_kw"] = Standard(
            None if top is None else top * ratio, context.t("std_ratio", percent=f"{ratio * 100:g}"),
            formula=f'=IF(ISNUMBER({maximum}),{maximum}*{constant},"{context.unknown}")',
        )  # fmt: skip
    return found


def _used(context: Context, facts: Facts, path: str) -> str:
    figure = facts.quote.used.get(path)
    return "" if figure is None else provenance_basis(context, figure.provenance)


def _money(context: Context, facts: Facts) -> dict[str, Standard]:
    catalogue = facts.resolved.catalogue
    part = context.plan.facility
    listed = record_of_class(catalogue, part.voltage_class, part.utility)
    return {
        "money.usd_jpy": Standard(None, context.t("no_standard")),
        "money.electricity_jpy_per_kwh": Standard(
            listed.value, record_basis(listed, "value", context.language), formula="=cst_kwh_class"
        ),
    }  # fmt: skip


def _cloud(context: Context, facts: Facts) -> dict[str, Standard]:
    cloud = context.plan.money.cloud
    offers = facts.offers
    found: dict[str, Standard] = {}
    _offer(context, facts, offers["on_demand"], cloud.currency, "cst_price_on_demand",
           provenance_basis(context, offers["on_demand"].provenance))  # fmt: skip
    for term, path in zip(TERMS, HOUR_PRICES, strict=True):
        key = f"money.cloud.{path}"
        offer_term = cloud.term if path == "price_per_hour" else term
        offer = offers[offer_term]
        basis = provenance_basis(context, offer.provenance) if offer.value is not None else context.t("no_standard")
        needed = path == "price_per_hour" or term == cloud.term
        found[key] = _offer(context, facts, offer, cloud.currency, f"cst_price_{offer_term}", basis, needed)
    storage, egress = facts.storage_offer, facts.egress_offer
    found["money.cloud.storage_gb"] = Standard(
        facts.storage_gb, context.t("std_storage_gb"),
        formula='=IF(ISNUMBER(out_facility_storage_capacity_bytes),out_facility_storage_capacity_bytes/cst_giga,"'
        + context.unknown + '")',
    )  # fmt: skip
    for path, offer in (("storage_per_gb_month", storage), ("egress_per_gb", egress)):
        basis = provenance_basis(context, offer.provenance) if offer.value is not None else context.t("no_standard")
        name = "cst_price_storage" if path.startswith("storage") else "cst_price_egress"
        found[f"money.cloud.{path}"] = _offer(context, facts, offer, cloud.currency, name, basis)
    found["money.cloud.spot_interruptions_per_month"] = Standard(
        None, context.t("not_needed"), needed=cloud.term == "spot"
    )
    return found


def _offer(
    context: Context, facts: Facts, offer: Offer, currency: str, name: str, basis: str, needed: bool = True
) -> Standard:
    """A catalogue price in the currency of its input; the listed price itself stands among the constants."""
    value = facts.converted(offer, currency)
    if offer.value is None:
        return Standard(None, basis, needed=needed)
    listed, formula = offer.value, name
    if name.startswith("cst_price_") and name[10:] in facts.offers and facts.price_includes_tax:
        listed *= 1.0 + context.plan.money.tax_rate
        formula = f"{name}/(1+use_money_tax_rate)"
    context.listed[name] = (listed, offer.currency, basis)
    if offer.currency != currency:
        rate = "use_money_usd_jpy"
        formula = f"{formula}*{rate}" if currency == "JPY" else f"{formula}/{rate}"
        return Standard(value, basis, needed, f'=IF(ISNUMBER({rate}),{formula},"{context.unknown}")')
    return Standard(value, basis, needed, f"={formula}")


def _storage_price(context: Context, facts: Facts) -> Standard:
    """The counted storage systems at their list price, live in their number and the rate; else asked for."""
    inputs, money = facts.quote.inputs, context.plan.money
    plain = money.model_copy(update={"onprem": money.onprem.model_copy(update={"storage_price": None})})
    listed = storage_listed(plain, inputs) if inputs is not None and facts.storage_units is not None else None
    if listed is None:
        return Standard(None, context.t("no_standard"))
    each, currency, origin = listed
    units, rate = "out_facility_storage_units", "use_money_usd_jpy"
    factor = float(exchange(currency, money.onprem.currency, number(money.usd_jpy)))
    value = each * factor * (facts.storage_units or 0.0)
    body, known = f"{units}*{each!r}", f"ISNUMBER({units})"
    if currency != money.onprem.currency:
        body += f"*{rate}" if currency == "USD" else f"/{rate}"
        known = f"AND({known},ISNUMBER({rate}))"
    formula = f'=IF({known},{body},"{context.unknown}")'
    return Standard(value, provenance_basis(context, origin), formula=formula)


def _power_works(context: Context, facts: Facts) -> Standard:
    """Electrical works nobody priced: part of a rent, none where the hall has the power, else open."""
    if context.plan.money.onprem.site == "colocation":
        return Standard(0.0, context.t("std_power_colocated"))
    room, need = context.plan.facility.hall_kva_free, facts.estimate.facility.details.it_kva
    suffices = room is not None and need.value is not None and need.value <= room
    open_text, free, kva = context.t("open"), "use_facility_hall_kva_free", "out_facility_details_it_kva"
    formula = f'=IF(AND(ISNUMBER({free}),ISNUMBER({kva})),IF({kva}<={free},0,"{open_text}"),"{open_text}")'
    return Standard(
        0.0 if suffices else None, context.t("std_power_works"), needed=False, formula=formula, without=open_text
    )


def _network(context: Context, facts: Facts) -> dict[str, Standard]:
    """The network's price from its counted parts, live in the exchange rate; where they are not, its share of the servers."""
    price, share = (f"money.onprem.network_{name}" for name in ("price", "share"))
    t, net, offer, money = context.t, facts.estimate.facility.network, facts.network_offer, context.plan.money
    if offer.value is None:
        found = net.price_share
        basis = provenance_basis(context, None if found is None else found.provenance)
        of_servers = None if found is None else found.value
        if of_servers is None:
            fleet, catalogue = fleet_of(facts.resolved), facts.resolved.catalogue
            of_servers = share_by_rule(fleet, catalogue)
            basis = record_basis(share_record(fleet, catalogue), "value", context.language)
        most = facts.network_most.value
        if most is not None:
            basis = t("std_network_most", basis=basis)
            context.listed["cst_price_network"] = most, "USD", t("network_of_two_basis")
        return {price: Standard(None, t("std_network_price"), needed=False), share: Standard(of_servers, basis)}
    cables = 0 if net.cables is None else round(net.cables.value or 0.0)
    basis = t("std_network_counted", switches=net.all_switches(), cables=cables)
    context.listed["cst_price_network"] = offer.value, "USD", basis
    rate = float(exchange("USD", money.onprem.currency, number(money.usd_jpy)))
    listed = offer.value * rate
    own, known = "network_counted", "ISNUMBER(network_counted)"
    if money.onprem.currency != money.currency:
        own += "*use_money_usd_jpy" if money.onprem.currency == "JPY" else "/use_money_usd_jpy"
        known = f"AND({known},ISNUMBER(use_money_usd_jpy))"
    entered, blank = input_name(share), t("std_network_by_share")
    formula = f'=IF(ISNUMBER({entered}),"{blank}",IF({known},{own},"{context.unknown}"))'
    by_share = money.onprem.network_share is not None
    return {
        price: Standard(
            None if by_share or listed != listed else listed, basis, needed=not by_share, formula=formula, without=blank
        ),
        share: Standard(None, t("std_network_no_share"), needed=False),
    }


def _onprem(context: Context, facts: Facts) -> dict[str, Standard]:
    own = context.plan.money.onprem
    colocated = own.site == "colocation"
    t = context.t
    offer = facts.server_offer
    found = {
        "money.onprem.server_price": _offer(
            context,
            facts,
            offer,
            own.currency,
            "cst_price_server",
            provenance_basis(context, offer.provenance) if offer.value is not None else t("no_standard"),
        ),
        **_network(context, facts),
        "money.onprem.power_works": _power_works(context, facts),
        "money.onprem.colocation_setup": (
            Standard(None, t("std_open"), needed=False, without=t("open"))
            if colocated
            else Standard(0.0, t("std_not_colocated"))
        ),
        "money.onprem.staff_cost_per_year": Standard(None, t("no_standard"), needed=own.staff_fte > 0),
    }
    no_storage = facts.storage_gb == 0.0
    found["money.onprem.storage_price"] = (
        Standard(0.0, t("std_no_storage")) if no_storage else _storage_price(context, facts)
    )
    cooling = facts.resolved.cooling
    if colocated or cooling.ladder == 1:
        key = "std_cooling_colocated" if colocated else "std_cooling_room"
        found["money.onprem.cooling_retrofit_per_rack"] = Standard(0.0, t(key))
    else:
        found["money.onprem.cooling_retrofit_per_rack"] = Standard(None, t("no_standard"))
    for path, other in (("rent_per_rack_month", "rent_per_kva_month"), ("rent_per_kva_month", "rent_per_rack_month")):
        if not colocated:
            found[f"money.onprem.{path}"] = Standard(None, t("std_not_colocated"), needed=False)
            continue
        given = f"in_money_onprem_{other}"
        value = 0.0 if getattr(own, other) is not None else None
        found[f"money.onprem.{path}"] = Standard(
            value, t("std_rent_other"), formula=f'=IF(ISNUMBER({given}),0,"{context.unknown}")'
        )
    return found
