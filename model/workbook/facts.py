"""What the sheets need beside the estimate: records, placement and quote, from the model's own functions.

Every value that stands beside a formula comes from here or from the estimate, so that the sheets' arithmetic is checked
against the program's and never against itself.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from mitsumori.model.architecture.parallelism import PRECISIONS, code
from mitsumori.model.base.arrays import Array, Floats
from mitsumori.model.base.figure import Figure
from mitsumori.model.base.rounding import ceil_guarded
from mitsumori.model.base.units import GB
from mitsumori.model.catalogue.accelerators import Gpu
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.catalogue.places import instance_name
from mitsumori.model.catalogue.record import source_words
from mitsumori.model.cost.case import Case, Lines
from mitsumori.model.cost.cloud_storage import cloud_storage_offer, lustre_tiers, storage_record
from mitsumori.model.cost.lines import owned_lines
from mitsumori.model.cost.money import Offer, exchange, number
from mitsumori.model.cost.price_book import provenance
from mitsumori.model.cost.prices import TERMS, Quote, price_of_term
from mitsumori.model.cost.property_tax import replaced_shares
from mitsumori.model.cost.rented_lines import cloud_lines
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.facility import cooling as cool
from mitsumori.model.facility.more_servers import More, joined_pue, more_of
from mitsumori.model.facility.placement import AISLE_SHARE
from mitsumori.model.facility.power import ServerPower, estimated_maximum, server_power
from mitsumori.model.facility.supply import overheads, price_of_class
from mitsumori.model.facility.support_racks import Support, fleet_of, support_of
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.prices import HOUR_PRICES
from mitsumori.model.plan.resolve import Resolved, resolve
from mitsumori.model.study.training_table import Row, TrainingTable
from mitsumori.model.training.days import peak_flops, plan_goodput, restart_s, stall_s
from mitsumori.model.training.goodput import LLAMA3_MTBF_GPU_HOURS, STALL_S
from mitsumori.model.workbook.context import Context
from mitsumori.model.workbook.standard import Standard, provenance_basis


@dataclass
class Facts:
    """Lazily computed; one object an export."""

    plan: Plan
    estimate: Estimate
    catalogue: Catalogue | None = None
    table: TrainingTable | None = None
    standards: dict[str, Standard] = field(default_factory=dict)

    @cached_property
    def resolved(self) -> Resolved:
        """The plan with its records."""
        return resolve(self.plan, self.catalogue)

    @cached_property
    def power(self) -> ServerPower:
        """Power of one server."""
        return server_power(self.plan.facility, self.resolved.server, self.resolved.catalogue)

    @cached_property
    def estimated_kw(self) -> float | None:
        """Estimate that stands in for a rated maximum that nobody publishes, in kW; None where one is published."""
        if self.resolved.server.power("max").kw is not None:
            return None
        estimated = estimated_maximum(self.resolved.server, self.resolved.catalogue)
        return None if estimated is None else estimated.kw

    @cached_property
    def standing(self) -> tuple[Array, Array]:
        """Assessed values of the first machines that still stand, and of those that replace others, by operating year."""
        case = self.case
        return replaced_shares(case.equipment_shares, float(case.refresh_share), case.refresh_month)

    @cached_property
    def feeds(self) -> int:
        """Feeds of a rack."""
        return cool.feeds_of(self.plan.facility)

    @cached_property
    def known(self) -> bool:
        """Whether power and height of the server are known, so that racks can be computed at all."""
        return self.power.provisioned_kw is not None and self.resolved.server.rack_units is not None

    @cached_property
    def options(self) -> cool.CoolingOptions:
        """The fleet under every cooling method."""
        kw = self.power.provisioned_kw
        return cool.cooling_options(
            self.plan.facility, self.resolved.server, fleet_of(self.resolved), math.nan if kw is None else kw,
            self.feeds, self.resolved.catalogue,
        )  # fmt: skip

    @cached_property
    def chosen(self) -> int:
        """Index of the chosen method."""
        return self.options.index(self.plan.facility.cooling)

    @property
    def product(self) -> bool:
        """Whether the server is a whole rack sold as one product."""
        return self.resolved.server.level == "rack"

    @property
    def server_units(self) -> float | None:
        """Height of the server."""
        return self.resolved.server.rack_units

    @property
    def aisle_share(self) -> float:
        """Footprints over which a rack's weight spreads."""
        return AISLE_SHARE

    @property
    def liquid_version(self) -> bool:
        """Whether the server has a liquid-cooled version, by its record."""
        return cool.takes_liquid(
            self.resolved.server, self.plan.facility.model_copy(update={"liquid_heat_fraction": None})
        )

    @cached_property
    def support(self) -> Support:
        """Switches and storage beside the servers, also where a server's power is still to be asked for."""
        return support_of(self.resolved, self.options.placement.racks, self.chosen, more=self.more)

    @cached_property
    def more(self) -> More:
        """Servers of further types."""
        return more_of(self.resolved)

    @property
    def storage_units(self) -> float | None:
        """Storage units; None where there are none or their number is unknown."""
        units = self.support.stored.figures.get("units")
        return None if units is None or self.support.stored.unit is None else units.value

    @property
    def storage_unit_kw(self) -> float:
        """Power of one storage unit where it is known, else 0."""
        unit = self.support.stored.unit
        return 0.0 if unit is None else unit.max_power_kw or 0.0

    @property
    def known_kw(self) -> float:
        """Power of the devices beside the servers and the storage units."""
        return self.support.known_kw - self.storage_unit_kw * (self.storage_units or 0.0)

    @cached_property
    def contained_kw(self) -> float:
        """Heat of a support rack in contained air."""
        return self.resolved.catalogue.cooling_method("containment").air_cap_kw or 0.0

    @cached_property
    def support_limits(self) -> tuple[float, float]:
        """Apparent power and air heat of a support rack: the chosen method's, or contained air where it has no air path."""
        rack, i = self.options.rack, self.chosen
        kva, air = float(np.asarray(rack.kva)[i]), float(np.asarray(rack.air_kw)[i])
        breathes = math.isfinite(air) and air > 0
        return kva if math.isfinite(kva) and breathes else self.contained_kw, air if breathes else self.contained_kw

    @cached_property
    def least(self) -> int:
        """Fewest support racks by power and heat."""
        other = (self.number("facility.details.other_kw") or 0.0) + self.more.support_kw
        kva, air = self.support_limits
        if kva <= 0 or air <= 0:
            return 1
        return max(1, int(ceil_guarded(max(other / self.plan.facility.power_factor / kva, other / air))))

    @property
    def usable_units(self) -> int:
        """Height of a support rack for devices."""
        return max(1, self.plan.facility.rack_units - self.plan.facility.units_reserved)

    @cached_property
    def _pues(self) -> Floats:
        it = self.number("facility.it_kw")
        kw = self.power.provisioned_kw
        if it is None or kw is None:
            return np.full(len(self.options.methods), np.nan)
        own, fleet, catalogue = it - self.more.own_racks_kw, fleet_of(self.resolved), self.resolved.catalogue
        pues = cool.hall_pue(self.options, self.plan.facility, fleet, kw, own, catalogue)
        if not self.more.groups:
            return pues
        k_electric = catalogue.tariff("k-elec").value
        return np.array([joined_pue(value, own, k_electric, self.more) for value in pues.tolist()])

    def pue(self, k: int) -> float | None:
        """PUE of a method by the calibrated rule; None when the power is unknown."""
        value = float(self._pues[k])
        return float(value) if math.isfinite(value) else None

    def pue_factors(self, k: int) -> tuple[float, float, float]:
        """Cooling power per kW on the air and on the liquid path of a method, and the electrical losses."""
        found = overheads(self.plan.facility, self.resolved.catalogue, self.options.methods[k])
        return found.k_air, found.k_liquid, self.resolved.catalogue.tariff("k-elec").value

    @property
    def peak_cooling(self) -> tuple[float, float]:
        """Cooling power of the hottest month over that of the year, on the air and on the liquid path."""
        found = overheads(self.plan.facility, self.resolved.catalogue, self.options.methods[self.chosen])
        return found.air_peak, found.liquid_peak

    @property
    def class_price(self) -> float:
        """Standard price of a kWh in the supply class of the contract."""
        part = self.plan.facility
        return price_of_class(self.resolved.catalogue, part.voltage_class, part.utility)

    @property
    def quote(self) -> Quote:
        """Prices, defaults and gaps of the plan."""
        return self.estimate.cost.quote

    @property
    def case(self) -> Case:
        """What money depends on, as numbers."""
        return self.quote.case

    @cached_property
    def owned(self) -> Lines:
        """Lines of owning."""
        return owned_lines(self.case)

    @cached_property
    def rented(self) -> Lines:
        """Lines of renting."""
        return cloud_lines(self.case)

    @cached_property
    def offers(self) -> dict[str, Offer]:
        """Catalogue price of each term, as if the user had entered none."""
        money, instance = self.plan.money, self.resolved.cloud_instance
        bare = money.cloud.model_copy(update=dict.fromkeys(HOUR_PRICES))
        return {term: price_of_term(bare, instance, term, money.tax_rate) for term in TERMS}

    @property
    def price_includes_tax(self) -> bool:
        """Whether the catalogue prints the instance's price with consumption tax."""
        instance = self.resolved.cloud_instance
        return instance is not None and (instance.tax or "").startswith("included")

    def _storage(self, kind: str) -> Offer:
        record = storage_record(self.resolved.catalogue, self.resolved.cloud_instance, kind)
        if record is None or record.price is None:
            return Offer(None, self.plan.money.cloud.currency)
        return Offer(record.price, record.currency, provenance(record, "price", "cloud_storage"))

    @cached_property
    def storage_offer(self) -> Offer:
        """Catalogue price of a GB-month of storage at the instance's provider."""
        cloud = self.plan.money.cloud
        rate = self.estimate.facility.storage.write_bytes_per_s
        amount = cloud.storage_gb if cloud.storage_gb is not None else (self.storage_gb or 0.0)
        return cloud_storage_offer(
            self.resolved.catalogue, self.resolved.cloud_instance, cloud.storage_kind, amount,
            None if rate is None else rate.value, cloud.currency,
        )  # fmt: skip

    @cached_property
    def storage_formula(self) -> str:
        """Price of a stored GB and month of managed Lustre as a formula of the stored GB; empty for another storage.

        The cheapest tier that holds what must be held and takes the write rate, as in :func:`cloud_storage_offer`.
        """
        cloud, rate = self.plan.money.cloud, self.estimate.facility.storage.write_bytes_per_s
        catalogue, instance = self.resolved.catalogue, self.resolved.cloud_instance
        offer = self.storage_offer
        tiers = lustre_tiers(catalogue, instance, None if rate is None else rate.value)
        tiers = tuple(tier for tier in tiers if tier.currency == offer.currency)
        if cloud.storage_kind == "object" or offer.value is None or not tiers:
            return ""
        amount = "use_money_cloud_storage_gb"
        least = amount if cloud.storage_kind == "lustre" else "0"
        each = ",".join(f"MAX({least},{tier.rate_gb!r})*{tier.per_gb!r}" for tier in tiers)
        plain = storage_record(catalogue, instance, "object storage")
        beside = f"+{plain.price!r}" if cloud.storage_kind != "lustre" and plain is not None else ""
        return f"=IF(ISNUMBER({amount}),IF({amount}>0,MIN({each})/{amount}{beside},0),0)"

    @cached_property
    def egress_offer(self) -> Offer:
        """Catalogue price of a GB leaving the provider."""
        return self._storage("egress")

    @cached_property
    def server_offer(self) -> Offer:
        """Catalogue price of a server."""
        record = self.resolved.server
        if record.price is None:
            return Offer(None, self.plan.money.onprem.currency)
        return Offer(record.price.middle, record.price.currency, provenance(record, "price", "servers"))

    @property
    def network_offer(self) -> Offer:
        """List price of the network in dollars where its parts are counted; in use while neither price nor share is entered."""
        figure = self.estimate.facility.network.price_usd
        return (
            Offer(None, "USD")
            if figure is None or figure.value is None
            else Offer(figure.value, "USD", figure.provenance)
        )

    @property
    def network_most(self) -> Offer:
        """List price of two servers' network, which the share by rule of a single server does not exceed."""
        figure = self.estimate.facility.network.price_usd
        most = None if figure is None or figure.value is not None else figure.high
        return Offer(most, "USD")

    @property
    def storage_gb(self) -> float | None:
        """Storage that the plan needs on premises, in GB."""
        capacity = self.estimate.facility.storage.capacity_bytes
        return None if capacity is None or capacity.value is None else capacity.value / GB

    def converted(self, offer: Offer, currency: str) -> float | None:
        """An offer in a currency; None when it or the rate is unknown."""
        if offer.value is None or offer.currency == currency:
            return offer.value
        value = offer.value * exchange(offer.currency, currency, number(self.plan.money.usd_jpy))
        return float(value) if math.isfinite(value) else None

    # --- training ------------------------------------------------------------------------------------------------
    @cached_property
    def gpu(self) -> Gpu:
        """The accelerator as numbers."""
        return self.resolved.gpu

    @cached_property
    def peak_flops(self) -> float:
        """Dense peak of the plan's precision, what MFU is measured against."""
        return float(peak_flops(self.gpu, code(PRECISIONS, self.plan.parallel.precision)))

    def peak_basis(self, language: str) -> str:
        """Source of the peak."""
        name = {"fp16": "bf16", "mxfp8": "fp8", "nvfp4": "fp4"}.get(
            self.plan.parallel.precision, self.plan.parallel.precision
        )
        origin = self.resolved.accelerator.provenance(f"peak_tflops.{name}")
        return self.resolved.accelerator.name + ("" if origin is None else f": {source_words(origin.title, language)}")

    def flop_per_token(self, context: Context) -> float | None:
        """FLOPs a token that MFU counts; None where the stage has no MFU."""
        training = (context.held or context.estimate).training
        if not training.mfu.value or not training.tokens_per_s_per_gpu.value:
            return None
        return training.mfu.value * self.peak_flops / training.tokens_per_s_per_gpu.value

    @cached_property
    def mtbf_hours(self) -> float:
        """GPU-hours between unexpected stops."""
        return self.plan.network.mtbf_gpu_hours or LLAMA3_MTBF_GPU_HOURS

    @property
    def restart_s(self) -> float:
        """Seconds from a stop until training goes on."""
        return restart_s(self.resolved)

    @property
    def stall_s(self) -> float:
        """Seconds that one checkpoint holds the training up."""
        return stall_s(self.resolved)

    @property
    def write_s(self) -> float:
        """Seconds in which one checkpoint has to reach the storage."""
        given = self.plan.network.checkpoint_stall_s
        return STALL_S[0] if given is None else given

    @property
    def evaluation_share(self) -> float:
        """Share of the time spent on evaluation."""
        return float(self.estimate.training.details.evaluation_share)

    @property
    def mtbf_s(self) -> float:
        """Seconds between stops of the whole cluster."""
        return self.mtbf_hours * 3600.0 / self.resolved.all_accelerators

    def goodput_of(self, gpus: int) -> float:
        """Useful share of the time on a number of GPUs."""
        return float(plan_goodput(self.resolved, gpus).goodput) * (1.0 - self.evaluation_share)

    @cached_property
    def tokens_per_step(self) -> float | None:
        """Tokens of one optimizer step as chosen."""
        return self.estimate.training.details.tokens_per_step

    @cached_property
    def table_uses_mfu(self) -> bool:
        """Whether every cell of the table has an MFU, at the same FLOPs a token along each row."""
        if self.table is None:
            return False
        for row in self.table.rows:
            ratios = [item.speed_of_mfu for item in row.cells]
            if any(ratio is None or abs(ratio / (ratios[0] or 1.0) - 1.0) > 1e-12 for ratio in ratios):
                return False
        return bool(self.table.rows)

    def row_flop(self, row: Row) -> float | None:
        """FLOPs a token of a row's model."""
        ratio = row.cells[0].speed_of_mfu
        return None if ratio is None else self.peak_flops / ratio

    # --- money ---------------------------------------------------------------------------------------------------
    def instance_basis(self, context: Context) -> str:
        """The instance with its region, in the language of the workbook."""
        instance = self.resolved.cloud_instance
        return "" if instance is None else instance_name(instance).word(context.language)

    def term_basis(self, context: Context, term: str) -> str:
        """Where the price of a term comes from."""
        cloud = self.plan.money.cloud
        own = None if term == "on_demand" else getattr(cloud, f"{term}_per_hour")
        if own is not None or (term == cloud.term and cloud.price_per_hour is not None):
            return context.t("entered")
        offer = self.offers[term]
        return context.t("no_standard") if offer.value is None else provenance_basis(context, offer.provenance)

    def catalogue_price(self, kind: str) -> float:
        """Price of a GB of cloud storage or egress in the result's money: the entered one, else the catalogue's."""
        cloud, case = self.plan.money.cloud, self.case
        entered = cloud.storage_per_gb_month if kind == "storage" else cloud.egress_per_gb
        offer = self.storage_offer if kind == "storage" else self.egress_offer
        if entered is not None:
            return entered * float(exchange(cloud.currency, case.currency, case.usd_jpy))
        if offer.value is None:
            return math.nan
        return offer.value * float(exchange(offer.currency, case.currency, case.usd_jpy))

    def figure(self, path: str) -> Figure | None:
        """A figure of the estimate, None where the estimate has none."""
        try:
            return self.estimate.figure(path)
        except KeyError:
            return None

    def number(self, path: str) -> float | None:
        """Its value."""
        found = self.figure(path)
        return None if found is None else found.value

    def shown(self, context: Context, path: str) -> float | str:
        """Its value, or the text for unknown."""
        value = self.number(path)
        return context.unknown if value is None else value

    def server_basis(self, language: str) -> str:
        """The server's name and the source of its height."""
        server = self.resolved.server
        origin = server.provenance("rack_units")
        return server.name if origin is None else f"{server.name}: {source_words(origin.title, language)}"
