"""Words of serving: what binds, the load of a plan."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from mitsumori.gui.charts.numbers import count, number
from mitsumori.gui.words.translation import marked
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.serving import STANDARD_USERS

translate = QCoreApplication.translate

_BINDING = {
    "ttft": marked("Serving", "the limit on the first token"),
    "tpot": marked("Serving", "the limit on the time per token"),
    "cache": marked("Serving", "the KV cache"),
    "prefill": marked("Serving", "the prefill servers"),
    "memory": marked("Serving", "memory"),
}


def binding_words(binding: str) -> str:
    """What binds first, in the language of the window."""
    return translate("Serving", _BINDING[binding])


def load_words(plan: Plan) -> str:
    """The plan's load in a few words."""
    part = plan.serving
    if part.concurrency is not None:
        return translate("Serving", "now {count} in flight").format(count=count(part.concurrency))
    if part.requests_per_s is not None:
        return translate("Serving", "now {requests} requests/s").format(requests=number(part.requests_per_s))
    users = STANDARD_USERS if part.users is None else part.users
    return translate("Serving", "now {count} users").format(count=count(users))
