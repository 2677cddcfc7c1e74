"""What goal seek says: the answer, what binds, what 10 % more buys, each as one sentence."""

from __future__ import annotations

from mitsumori.model.architecture.parallelism import gpus_of_replica
from mitsumori.model.base import format as fmt
from mitsumori.model.base.format import Amount
from mitsumori.model.base.messages import Sentence
from mitsumori.model.study.goal import GoalResult, Relaxation


def reason_of(result: GoalResult) -> Sentence:
    """The answer in one sentence."""
    measured = result.measured
    if measured is None:
        return Sentence("advisor", "goal_none")
    days, servers = measured.values["days"], measured.plan.cluster.servers
    layout = measured.estimate.training.parallel
    params: dict[str, object] = {
        "servers": fmt.whole(servers),
        "gpus": fmt.whole(layout.dp * gpus_of_replica(layout)),
        "server": measured.plan.cluster.server,
        "days": "-" if days is None else fmt.significant(days),
        "tokens": Amount(measured.estimate.training.tokens.value or 0.0),
        "parameters": Amount(float(measured.estimate.training.details.parameters)),
    }
    if result.found and measured.chance is not None:
        params["percent"] = fmt.significant(100.0 * measured.chance, 2, trim=True)
        median = measured.estimate.training.days.value
        params["days"] = "-" if median is None else fmt.significant(median)
        return Sentence("advisor", f"goal_found_{result.unknown}_by", params)
    if result.found:
        return Sentence("advisor", f"goal_found_{result.unknown}", params)
    worst = max(result.missed, key=lambda name: result.missed[name])
    share = result.missed[worst]
    if share == float("inf"):
        return Sentence("advisor", f"goal_unknown_{worst}", params)
    return Sentence("advisor", f"goal_missed_{worst}", params | {"percent": fmt.significant(100.0 * share, 2)})


def why_not_less(result: GoalResult) -> tuple[Sentence, ...]:
    """Why one step less (or more) does not do: a sentence for each limit it breaks."""
    beside = result.neighbour
    if beside is None:
        return ()
    params = {
        "servers": fmt.whole(beside.plan.cluster.servers),
        "tokens": Amount(beside.estimate.training.tokens.value or 0.0),
        "parameters": Amount(float(beside.estimate.training.details.parameters)),
    }
    kind = "servers" if result.unknown == "server" else result.unknown
    found = []
    for name in result.binding:
        value, limit = beside.values.get(name), getattr(result.goal, name, None)
        if name == "horizon":
            value, limit = beside.values["days"], beside.horizon_days
        if name in ("memory", "facility") or value is None or limit is None:
            code = f"goal_step_{name}" if name in ("memory", "facility") else "goal_step_unknown"
            found.append(Sentence("advisor", code, params))
            continue
        # A step that breaks the limit by a hair is written with the digits that show it.
        digits = next((n for n in range(4, 9) if fmt.significant(value, n) != fmt.significant(limit, n)), 9)
        shown: dict[str, object] = {
            "value": fmt.significant(value, digits, trim=name == "racks"),
            "limit": fmt.significant(limit, digits, trim=True),
        }
        if name == "budget":
            unit = beside.plan.money.currency
            shown = {"value": Amount(value, unit), "limit": Amount(limit, unit)}
        found.append(Sentence("advisor", f"goal_step_{kind}_{name}", params | shown))
    return tuple(found)


def limit_words(name: str, value: float, currency: str) -> Sentence:
    """A limit in words, as the beginning of a sentence.

    Parameters
    ----------
    name
        One of :data:`model.study.goal.LIMITS`.
    value
        The limit, in the unit of its name; a budget in ``currency``.
    currency
        ``JPY`` or ``USD``.
    """
    shown: object = Amount(value, currency) if name == "budget" else fmt.significant(value, 4, trim=True)
    return Sentence("advisor", f"loosened_{name}", {"value": shown})


def relaxed_words(relaxation: Relaxation, currency: str = "JPY") -> Sentence:
    """What a limit looser by 10 % buys."""
    params: dict[str, object] = {"limit": limit_words(relaxation.limit, relaxation.relaxed_to, currency)}
    measured = relaxation.measured
    if measured is None:
        return Sentence("advisor", "relax_none", params)
    if relaxation.newly_possible:
        return Sentence("advisor", "relax_possible", params | {"servers": fmt.whole(measured.plan.cluster.servers)})
    gains = relaxation.gains
    name = next((name for name in ("servers", "tokens", "params", "days") if name in gains), None)
    if name is None:
        return Sentence("advisor", "relax_nothing", params)
    gain = gains[name]
    amount: object = Amount(abs(gain))
    if name in ("servers", "days"):
        amount = fmt.significant(abs(gain), 2, trim=True)
    code = f"relax_{name}_{'more' if gain > 0 else 'fewer'}"
    params["amount"] = amount
    saved = gains.get("budget", 0.0)
    if name == "servers" and gain < 0 and saved < 0:
        return Sentence("advisor", f"{code}_saves", params | {"saved": Amount(-saved, currency)})
    sooner = gains.get("days", 0.0)
    if name == "servers" and gain > 0 and sooner < 0:
        return Sentence("advisor", f"{code}_sooner", params | {"days": fmt.significant(-sooner, 2)})
    return Sentence("advisor", code, params)
