"""Racks and cooling: the elevation, the cooling methods side by side, the hall in figures and as a flow of energy."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from mitsumori.gui.charts.energy_flow import EnergyFlow
from mitsumori.gui.charts.numbers import count, fixed, limit, number
from mitsumori.gui.charts.painting import u
from mitsumori.gui.charts.rack import RackElevation
from mitsumori.gui.tables.facts import Fact, FactGrid
from mitsumori.gui.tables.methods import MethodTable
from mitsumori.gui.tabs.base import Tab
from mitsumori.gui.tabs.view import flow_parts, hall_facts, method_rows, rack_title, with_further_racks
from mitsumori.gui.words.plurals import plurals
from mitsumori.gui.words.results import binding_name, cooling_name, server_name
from mitsumori.gui.words.translation import language
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.facility.elevation import drawn

translate = QCoreApplication.translate


class RacksTab(Tab):
    """Does it fit the hall, and which cooling serves best."""

    def build(self) -> None:
        """Create the cards."""
        self.elevation = RackElevation()
        self.elevation_card = self.card(self.elevation)
        self.methods = MethodTable()
        self.methods_card = self.card(self.methods)
        self.hall = FactGrid(3)
        self.hall.least = (340, 116)
        self.hall_card = self.card(self.hall)
        self.flow = EnergyFlow()
        self.flow_card = self.card(self.flow)
        self.network = FactGrid(4)
        self.network.least = (340, 150)
        self.network_card = self.card(self.network)
        self.right = right = QVBoxLayout()
        right.setSpacing(round(u(12)))
        right.addWidget(self.methods_card, 1)
        right.addWidget(self.hall_card, 0)
        self._low = False
        halves = QHBoxLayout()
        halves.setSpacing(round(u(12)))
        halves.addWidget(self.elevation_card, 1)
        halves.addLayout(right, 1)
        self.column.addLayout(halves, 1)
        self.column.addLayout(self.row((self.flow_card, 1), (self.network_card, 1)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where the window is low the hall stands below, so that the racks end with their limits in sight."""
        super().resizeEvent(event)
        low = self.viewport().height() < u(640)
        if low != self._low:
            self._low = low
            if low:
                self.right.removeWidget(self.hall_card)
                self.column.insertWidget(1, self.hall_card)
            else:
                self.column.removeWidget(self.hall_card)
                self.right.addWidget(self.hall_card, 0)

    def refresh(self) -> None:
        """Show the estimate."""
        assert self.plan is not None
        assert self.estimate is not None
        estimate = self.estimate
        place = estimate.facility
        record = estimate.catalogue.servers().get(self.plan.cluster.server)
        name = server_name(self.plan, estimate.catalogue)
        if record is not None and record.rack_units is not None:
            name = translate("Racks", "{server} {units}U").format(server=name, units=fixed(record.rack_units, 0))
        empty = translate("Racks", "No rack can be drawn: the servers cannot be placed.")
        self.elevation.set_data(drawn(place.layout), name, empty)
        units = place.limits.rack_units or self.plan.facility.rack_units
        self.elevation_card.set_texts(
            self._elevation_title(estimate),
            translate("Racks", "Front view, {units}U · the vertical lines are limits").format(units=units),
        )
        self.methods.set_data(method_rows(self.plan, estimate))
        self.methods_card.set_texts(
            self._methods_title(estimate),
            plurals().methods_compared(self.plan.cluster.servers),
        )  # fmt: skip
        self.hall.set_data(hall_facts(self.plan, estimate)[:6])
        self.hall_card.set_texts(self._hall_title(estimate), self._hall_subtitle(estimate))
        utility = translate("Racks", "{kva} kVA").format(kva=number(place.utility_kva.value))
        self.flow.set_data((translate("Racks", "Utility"), utility), flow_parts(estimate))
        self.flow_card.set_texts(
            translate("Racks", "Of {hall} kW, {it} kW reach the computers").format(
                hall=number(place.facility_kw.value), it=number(place.it_kw.value)
            )
            if place.it_kw.value is not None
            else translate("Racks", "The power of the hall is not known"),
            translate("Racks", "Power of the hall at full load · PUE {pue} · {water} m³ of water a year").format(
                pue=number(place.pue.value), water=number(place.water_m3_per_year.value)
            ),
        )
        self._show_network(estimate)

    def _elevation_title(self, estimate: Estimate) -> str:
        assert self.plan is not None
        place = estimate.facility
        per_rack = place.servers_per_rack.value
        if not per_rack or not place.binding:
            return rack_title(self.plan, estimate)
        limits = place.limits.servers
        tight = [name for name in place.binding if name in limits] or list(place.binding)
        return plurals().one_more_exceeds(int(per_rack), binding_name(tight))

    def _methods_title(self, estimate: Estimate) -> str:
        assert self.plan is not None
        place = estimate.facility
        feasible = [m for m in place.methods if m.feasible and m.racks is not None]
        mine = next((m for m in feasible if m.cooling == self.plan.facility.cooling), None)
        if not feasible:
            return translate("Racks", "No method of this list cools these servers")
        fewest = min(feasible, key=lambda m: (m.racks or 0, m.pue or 9.0))
        words = {
            "method": cooling_name(fewest.cooling, estimate.catalogue),
            "racks": count(fewest.racks),
            "pue": number(fewest.pue),
        }
        if mine is None:
            title = translate("Racks", "This method would cool them in {racks} racks: {method}").format(**words)
            return with_further_racks(title, estimate)
        if mine.racks == fewest.racks:
            lowest = min(feasible, key=lambda m: m.pue or 9.0)
            if lowest.pue is not None and mine.pue is not None and lowest.pue < mine.pue - 0.005:
                return translate("Racks", "No method needs fewer racks; the lowest PUE is {pue}: {method}").format(
                    method=cooling_name(lowest.cooling, estimate.catalogue), pue=number(lowest.pue)
                )
            return translate("Racks", "No method needs fewer racks")
        if fewest.racks == 1:
            title = translate("Racks", "One rack would do: {method}, PUE {pue}").format(**words)
        else:
            title = translate("Racks", "{racks} racks would do: {method}, PUE {pue}").format(**words)
        return with_further_racks(title, estimate)

    def _hall_title(self, estimate: Estimate) -> str:
        place = estimate.facility
        if place.facility_kw.value is None:
            return translate("Racks", "The power of the hall is not known")
        record = estimate.catalogue.utility_classes().get(place.tariff_class) if place.tariff_class else None
        if record is None:
            return translate("Racks", "The hall needs {kw} kW").format(kw=number(place.facility_kw.value))
        name = getattr(record, "name_ja" if language() == "ja" else "name_en", place.tariff_class)
        return translate("Racks", "The hall needs {kw} kW: {tariff}").format(
            kw=number(place.facility_kw.value), tariff=name
        )

    def _hall_subtitle(self, estimate: Estimate) -> str:
        assert self.plan is not None
        place = estimate.facility
        return translate(
            "Racks", "{racks} compute + {support} network and storage racks · power factor {factor}"
        ).format(
            racks=count(place.server_racks),
            support=count(place.support_racks.value),
            factor=limit(self.plan.facility.power_factor),
        )

    def _show_network(self, estimate: Estimate) -> None:
        net, storage = estimate.facility.network, estimate.facility.storage

        def fact(name: str, group: str, key: str, unit: str = "", scale: float = 1.0) -> Fact | None:
            figure = (net if group == "network" else storage).get(key)
            if figure is None:
                return None
            value = None if figure.value is None else figure.value * scale
            whole = not unit and value is not None and float(value).is_integer()
            unit = unit if value is not None else ""
            text = count(value) if whole else number(value)
            return Fact(name, text, unit, f"facility.{group}.{key}", raw=value)

        facts = [
            fact(translate("Racks", "Switches"), "network", "switches"),
            fact(translate("Racks", "Cables"), "network", "cables"),
            fact(translate("Racks", "Cable, mean"), "network", "cable_server_mean_m", "m"),
            fact(translate("Racks", "Switch power"), "network", "switch_kw", "kW"),
            fact(translate("Racks", "Storage"), "storage", "capacity_bytes", "TB", 1e-12),
            fact(translate("Racks", "Write rate"), "storage", "write_bytes_per_s", "GB/s", 1e-9),
            fact(translate("Racks", "Checkpoint"), "storage", "checkpoint_bytes", "TB", 1e-12),
            fact(translate("Racks", "Save every"), "storage", "interval_s", translate("Racks", "min"), 1 / 60),
        ]
        known = [one for one in facts if one is not None]
        self.network.set_data(known)
        self.network_card.setVisible(bool(known))
        switches = net.get("switches")
        title = (
            plurals().switches_join(int(switches.value))
            if switches is not None and switches.value
            else translate("Racks", "One server needs no fabric")
        )
        self.network_card.set_texts(title, translate("Racks", "Fabric and storage for this plan"))
