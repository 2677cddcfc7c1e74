"""One-line summaries of the folded groups, and the layout in a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from mitsumori.gui.inputs.choices import word
from mitsumori.gui.words.plurals import plurals
from mitsumori.gui.words.results import cooling_name, gpus
from mitsumori.model.base.format import count, significant, whole
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.plan.plan import Plan

if TYPE_CHECKING:
    from mitsumori.model.architecture.parallelism import Layout
    from mitsumori.model.estimate.results import Estimate

translate = QCoreApplication.translate


def layout_line(parallel: Layout) -> str:
    """``TP 4 · PP 2 · DP 8 · ZeRO-1``; context and expert parallelism only where used."""
    parts = [f"TP {parallel.tp}", f"PP {parallel.pp}"]
    if parallel.cp > 1:
        parts.append(f"CP {parallel.cp}")
    if parallel.ep > 1:
        parts.append(f"EP {parallel.ep}")
    parts += [f"DP {parallel.dp}", f"ZeRO-{parallel.zero_stage}"]
    return " · ".join(parts)


def model_name(plan: Plan, catalogue: Catalogue) -> str:
    """The preset's name, or the size that was typed."""
    record = catalogue.models().get(plan.model.preset or "")
    if record is not None:
        return record.name
    if plan.model.params is not None:
        return count(plan.model.params)
    return plan.model.preset or ""


def serving_line(plan: Plan) -> str:
    """The load that is served; nothing where the plan serves nobody."""
    part = plan.serving
    if not part.enabled:
        return translate("Summary", "not planned")
    if part.requests_per_s is not None:
        return translate("Summary", "{rate} requests/s").format(rate=significant(part.requests_per_s, trim=True))
    if part.concurrency is not None:
        return translate("Summary", "{count} at once").format(count=whole(part.concurrency))
    return translate("Summary", "{count} users").format(count=whole(part.users or 100))


def summary(group: str, plan: Plan, estimate: Estimate | None, catalogue: Catalogue) -> str:
    """What a folded group says."""
    if group == "workload":
        return f"{word(plan.workload.stage)} · {count(plan.workload.tokens)}"
    if group == "model":
        return f"{model_name(plan, catalogue)} · {whole(plan.parallel.seq_len)}"
    if group == "cluster":
        record = catalogue.servers().get(plan.cluster.server)
        if record is None:
            return f"{plan.cluster.server} × {plan.cluster.servers}"
        return translate("Summary", "{server} × {servers} = {gpus}").format(
            server=record.model, servers=whole(plan.cluster.servers), gpus=plurals().gpus(gpus(plan, catalogue))
        )
    if group == "parallel":
        return "" if estimate is None else layout_line(estimate.training.parallel)
    if group == "facility":
        name = cooling_name(plan.facility.cooling, catalogue)
        limit = plan.facility.rack_kva
        return name if limit is None else f"{name} · {significant(limit, trim=True)} kVA"
    if group == "serving":
        return serving_line(plan)
    counted = None if estimate is None else estimate.cost.details.get("utilization")
    used = plan.money.utilization if counted is None or counted.value is None else counted.value
    share = significant(used * 100, 2, trim=True)
    if plan.money.usd_jpy is None:
        return translate("Summary", "{months} mo · {share} % used").format(
            months=plan.money.horizon_months, share=share
        )
    return translate("Summary", "{months} mo · {share} % used · ¥{rate}/$").format(
        months=plan.money.horizon_months, share=share, rate=significant(plan.money.usd_jpy, trim=True)
    )
