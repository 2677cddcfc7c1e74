"""Sources in our own words (formulas of cost lines, standards of the product), in the language of the window.

Titles of papers and pages stay as their authors wrote them.
"""

from __future__ import annotations

import re

from PySide6.QtCore import QCoreApplication

from mitsumori.gui.words.translation import language, marked
from mitsumori.model.catalogue import record as catalogue

_N = marked
_NEAR_RUN = "near run "
_COUNTED_PARTS = re.compile(r"counted at list prices: (\d+) switches, (\d+) cables")

OWN = (
    _N("Sources", "1.4 % of the assessed value per year"),
    _N("Sources", "GB per month * price per GB * months"),
    _N("Sources", "cable length: |dx| + |dy| + 2 * 1.5 m + 1 m, rows of ten racks"),
    _N("Sources", "crossing of the cumulative costs, linear between months"),
    _N("Sources", "data set + checkpoints kept; checkpoint / stall"),
    _N("Sources", "entered"),
    _N("Sources", "entered, or its parts counted, or a share of the servers"),
    _N("Sources", "entered; cloud: GB * price per GB and month * months"),
    _N("Sources", "full-time operators * cost per year"),
    _N("Sources", "hours of the calendar"),
    _N("Sources", "idle power: 25 % of the rated maximum (assumption)"),
    _N("Sources", "instances * hours used (or reserved) * price per hour"),
    _N("Sources", "kWh * price + contract kW * demand charge * (1.85 - power factor)"),
    _N("Sources", "licences per accelerator and per server per year"),
    _N("Sources", "one server without shared storage"),
    _N("Sources", "price * rate per month * months"),
    _N("Sources", "racks * rent per rack + kVA * rent per kVA, per month"),
    _N("Sources", "racks * works per rack"),
    _N("Sources", "servers * list price * (1 - discount) / (1 - margin)"),
    _N("Sources", "further types: count * list price, and their network"),
    _N("Sources", "share of the hardware"),
    _N("Sources", "share of the hardware at the end, as income"),
    _N("Sources", "share of the hardware per year"),
    _N("Sources", "share of the rented compute"),
    _N("Sources", "sum of the lines over the horizon"),
    _N("Sources", "part of the electricity"),
    _N("Sources", "switches, cables and optics at list prices"),
    _N("Sources", "Daly 2006, Young 1974; failure rate of Llama 3"),
    _N("Sources", "facility.cap_fraction * rated maximum"),
    _N("Sources", "four management ports a server, one a switch; two switches a rack-scale system"),
    _N("Sources", "parameters of the shape; docs/method.md, 2"),
    _N("Sources", "price of cloud storage"),
    _N("Sources", "switch hops, metres of cable and one packet on the wire"),
    _N("Sources", "the method's standard supply temperature"),
    _N("Sources", "sum of switches and storage units"),
    _N("Sources", "Entered by the user"),
    _N("Sources", "constants fitted to published runs (resources/constants/report.md)"),
    _N("Sources", "Little's law, replicas and memory of the engine; docs/method.md, serving"),
    _N("Sources", "serving steps and queues fitted to published runs; docs/method.md, serving"),
    _N("Sources", "heat capacities; docs/method.md, 6.6"),
    _N("Sources", "Mitsumori docs/method.md, 6.4"),
    _N("Sources", "Mitsumori docs/method.md, 6.8"),
    _N("Sources", "Mitsumori docs/method.md, 6.9"),
    _N("Sources", "Uptime Institute 2025, ABCI; docs/method.md, 6.7"),
    _N("Sources", "Saved tensors and model states, tried against published peaks"),
    _N("Sources", "Young 1974; failure rate of Llama 3"),
    _N("Sources", "the storage the plan needs on premises"),
    _N("Sources", "snapshot date unknown"),
    _N("Sources", "8760 * (u * average + (1-u) * idle) * servers * (1 + other) * PUE"),
    _N("Sources", "IT = servers * power + network and storage; facility = IT * PUE"),
    _N("Sources", "PUE = 1 + k_elec + (1-f) k_air + f k_liq, calibrated to anchors"),
    _N("Sources", "Young's interval and overhead"),
    _N("Sources", "renewal formula at Young's interval"),
    _N("Sources", "IT power at the PUE of the hottest month"),
    _N("Sources", "CDUs: one a rack with cold plates, or a row's share of the liquid heat plus one spare"),
    _N("Sources", "fat tree of equal switches, rail-optimised"),
    _N("Sources", "heat carried by water and air"),
    _N("Sources", "initial + NPV of the months at the discount rate"),
    _N("Sources", "placement: least of units, kVA, air, liquid, weight, floor"),
    _N("Sources", "share rule: other power = share * compute power"),
    _N("Sources", "matrix products, communication, pipeline and optimizer of a step; docs/method.md, 4"),
    _N("Sources", "rollouts, log-probabilities, training and refit of weights; docs/method.md, 5.3"),
    _N("Sources", "seven published runs of GRPO"),
    _N("Sources", "parameters, states, saved tensors and buffers of the fullest GPU; docs/method.md, 3"),
    _N("Sources", "checkpoints, failures and restarts; docs/method.md, 5.2"),
    _N("Sources", "runs per year * days of a run / 365"),
    _N("Sources", "energy of the hall"),
    _N("Sources", "rate at which the savings repay the outlay"),
    _N("Sources", "running costs and lease over the months of the horizon"),
    _N("Sources", "sum of the lines paid at the start"),
    _N("Sources", "utilization at which both totals are equal"),
    _N("Sources", "spare servers, and servers of further types with their networks"),
    _N("Sources", "coolant (25 % propylene glycol): litres a kW of heat to liquid; flow of water * 1.06"),
    _N("Sources", "one leak detector in each rack with liquid and at each CDU"),
    _N("Sources", "savings less corporate tax, discounted at the cost of capital; tax at the end of each fiscal year"),
    _N("Sources", "lease of the lessee"),
    _N("Sources", "the network of two servers, counted at list prices"),
)
"""All of them, for the translators; the core writes them in English."""


def source_words(text: str) -> str:
    """A source or a formula as people of the window's language read it; titles of others stay."""
    if text.startswith(_NEAR_RUN):
        return QCoreApplication.translate("Sources", "near run {run}").format(run=text.removeprefix(_NEAR_RUN))
    if counted := _COUNTED_PARTS.fullmatch(text):
        said = QCoreApplication.translate("Sources", "counted at list prices: {switches} switches, {cables} cables")
        return said.format(switches=counted[1], cables=counted[2])
    if text not in OWN:
        return _papers(catalogue.source_words(text, language()))
    return _papers(QCoreApplication.translate("Sources", text).replace(" * ", " × "))


def _papers(words: str) -> str:
    """The program's own papers by what they are: people at a table have no use for the names of files."""
    words = re.sub(r"\s*[（(]resources/[\w./]+[)）]", "", words)
    runs = QCoreApplication.translate("Sources", "the program's table of runs")
    words = words.replace("resources/runs/runs.csv", runs)
    method = QCoreApplication.translate("Sources", "Mitsumori's method")
    return re.sub(r"(?:Mitsumori )?docs/method\.md(?:,)?", method, words)


def date_words(date: str) -> str:
    """A date, or that there is none: "snapshot date unknown; ..." without its remark."""
    return source_words(re.split(";", date)[0])
