"""Words of serving: what binds, the load of a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from mitsumori.gui.charts.numbers import count, number
from mitsumori.gui.words.totals import token_price
from mitsumori.gui.words.translation import marked
from mitsumori.model.base.format import Parts
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.serving import STANDARD_USERS

if TYPE_CHECKING:
    from mitsumori.model.estimate.results import Estimate
    from mitsumori.model.serving.results import ServingResult

translate = QCoreApplication.translate

_BINDING = {
    "ttft": marked("Serving", "the limit on the first token"),
    "tpot": marked("Serving", "the limit on the time per token"),
    "cache": marked("Serving", "the KV cache"),
    "prefill": marked("Serving", "the prefill servers"),
    "servers": marked("Serving", "the number of servers"),
    "memory": marked("Serving", "memory"),
}


def binding_words(binding: str) -> str:
    """What binds first, in the language of the window."""
    return translate("Serving", _BINDING[binding])


def none_stands(result: ServingResult) -> str:
    """Why there is no replica: the model fits no layout of the server, or the servers given are too few for one."""
    if result.binding == "servers":
        return translate("Serving", "These servers hold no replica of the model")
    return translate("Serving", "The model does not fit this server")


_FAILURES = {
    "replica": marked("Serving", "one replica down"),
    "server": marked("Serving", "one server down"),
    "rack": marked("Serving", "one rack down"),
}


def failure_words(unit: str) -> str:
    """What has failed: a replica, a server or a rack."""
    return translate("Serving", _FAILURES[unit])


def machine_parts(servers: float | None) -> tuple[str, str]:
    """A count of servers and the word or counter after it."""
    noun = translate("Serving", "server") if servers == 1 else translate("Serving", "servers")
    return count(servers), "" if servers is None else noun


def rack_parts(racks: float | None) -> tuple[str, str]:
    """A count of racks and the word or counter after it."""
    noun = translate("Serving", "rack") if racks == 1 else translate("Serving", "racks")
    return count(racks), "" if racks is None else noun


def served_results(estimate: Estimate | None) -> list[tuple[str, Parts | None]]:
    """Time per token, servers and cost of a million tokens, as a sample's card lists them."""
    result = None if estimate is None else estimate.serving
    gap = servers = price = None
    if estimate is not None and result is not None:
        found, blended = result.figures, result.jpy_per_million_tokens.blended.value
        if found.tpot_ms.value is not None:
            gap = Parts("", number(found.tpot_ms.value), "ms")
        if found.servers.value is not None:
            servers = Parts("", *machine_parts(found.servers.value))
        if blended is not None:
            price = token_price(blended, estimate)
    names = (translate("Serving", "Per token"), translate("Serving", "Servers"), translate("Serving", "1M tokens"))
    return list(zip(names, (gap, servers, price), strict=True))


def load_words(plan: Plan) -> str:
    """The plan's load in a few words."""
    part = plan.serving
    if part.concurrency is not None:
        return translate("Serving", "now {count} in flight").format(count=count(part.concurrency))
    if part.requests_per_s is not None:
        return translate("Serving", "now {requests} requests/s").format(requests=number(part.requests_per_s))
    users = STANDARD_USERS if part.users is None else part.users
    return translate("Serving", "now {count} users").format(count=count(users))
