"""Answers that take longer than a slider tick: curves, tables, sensitivity, advice, what a remedy would give.

A tab asks with a plan and a callback. The answer comes at once when it is known or quick, else from the job runner
after the hand rests; only the newest question of a kind is answered, and an answer to an older plan is dropped.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal

from mitsumori.gui.charts.hold import axis_hold
from mitsumori.gui.jobs import JobContext, JobRunner
from mitsumori.model.base.refusal import Refusal
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.plan.plan import Plan, PlanError
from mitsumori.model.plan.project import ProjectContext

if TYPE_CHECKING:
    from mitsumori.model.cost.clouds import Clouds
    from mitsumori.model.cost.inputs import CostInputs
    from mitsumori.model.cost.sensitivity import MonteCarlo, Tornado, TwoWay
    from mitsumori.model.estimate.results import Estimate
    from mitsumori.model.plan.parts import Money
    from mitsumori.model.study.bottlenecks import Bottlenecks
    from mitsumori.model.study.goal import GoalResult
    from mitsumori.model.study.gpu_swap import Exchange, Swap
    from mitsumori.model.study.ranking import Advice
    from mitsumori.model.study.serving_ranking import ServingAdvice
    from mitsumori.model.study.setting import Setting
    from mitsumori.model.study.trade_offs import Generations, TradeOffs
    from mitsumori.model.study.training_table import Cell, TrainingTable

T = TypeVar("T")
Answer = Callable[[T | None], None]
"""Takes what was asked for; None where the question has no answer for the plan."""
Anyones = Callable[[Any], None]
"""The same in the queues, where answers of all kinds wait."""
Detail = str | tuple[tuple[str, object], ...] | None
"""What a question asks beside its plan: a word, or pairs of a mapping."""
Work = Callable[["Ask"], object]
Slot = tuple[str, Detail]
"""A kind of question and its detail."""

QUICK_S = 0.004
"""Questions that took less than this the last time are answered in the same tick."""
REST_MS = 120
"""How long the hand must rest before a slow question is worked on."""
PAUSE_S = 0.01
"""How often work that waits for the hand looks again."""
OFFLINE_KINDS = frozenset(
    {"advise", "serve_options", "goal", "trade_offs", "monte_carlo", "bottlenecks", "generations", "gpu_swaps"}
)
"""Kinds that never run on the GUI thread of a window."""


def catalogue_of(project: ProjectContext) -> Catalogue:
    """The catalogue of a project's context: its own records laid over the shipped ones, or the shipped ones alone."""
    return project.get("catalogue") or Catalogue.shipped()


@dataclass(frozen=True, slots=True)
class Ask:
    """One question: plan, detail (pairs of a mapping), the project's own records, whether to stop, how far it got.

    ``cancelled`` is asked between parts: in the background it waits there for the hand, and leaves when nobody wants it.
    """

    plan: Plan
    detail: Detail = None
    project: ProjectContext = field(default_factory=ProjectContext)
    cancelled: Callable[[], bool] = lambda: False
    progress: Callable[[float], None] = lambda share: None

    def setting(self) -> Setting:
        """The surroundings of a study."""
        from mitsumori.model.study.setting import Setting

        return Setting(**self.project, cancelled=self.cancelled, progress=self.progress)

    @property
    def word(self) -> Any:
        """The detail of a question that asks with one word; the study refuses others."""
        return self.detail or ""

    @property
    def pairs(self) -> dict[str, Any]:
        """The detail of a question that asks with pairs, whose values are those of the study's own fields."""
        return dict(self.detail) if isinstance(self.detail, tuple) else {}

    def plan_with(self, changes: Mapping[str, object]) -> Plan:
        """The plan with some paths replaced."""
        return self.plan.with_values(dict(changes)) if changes else self.plan


def _days_curve(ask: Ask) -> tuple[Cell, ...]:
    from mitsumori.model.study.training_table import days_curve

    return days_curve(ask.plan, cancelled=ask.cancelled, **ask.project)


def _training_table(ask: Ask) -> TrainingTable:
    from mitsumori.model.study.training_table import training_table

    return training_table(ask.plan, cancelled=ask.cancelled, **ask.project)


def _preview(ask: Ask) -> Estimate:
    from mitsumori.model.estimate.estimate import estimate

    return estimate(ask.plan_with(ask.pairs), **ask.project)


def _money(ask: Ask) -> tuple[Money, CostInputs]:
    from mitsumori.model.estimate.estimate import cost_inputs

    return ask.plan.money, cost_inputs(ask.plan, **ask.project)


def _tornado(ask: Ask) -> Tornado | None:
    from mitsumori.model.cost.sensitivity import tornado

    return tornado(*_money(ask))


def _two_way(ask: Ask) -> TwoWay | None:
    from mitsumori.model.cost.sensitivity import two_way

    return two_way(*_money(ask))


def _monte_carlo(ask: Ask) -> MonteCarlo | None:
    from mitsumori.model.cost.sensitivity import monte_carlo

    return monte_carlo(*_money(ask))


def _serve_options(ask: Ask) -> ServingAdvice:
    from mitsumori.model.study.serving_ranking import advise_serving

    return advise_serving(ask.plan, ask.setting(), top=12)


def _trade_offs(ask: Ask) -> TradeOffs:
    from mitsumori.model.study.trade_offs import Machines, trade_offs

    # First the plan's own server alone, so that there is something to see; then every GPU of the catalogue.
    servers = (ask.plan.cluster.server,) if ask.detail == "own" else ()
    return trade_offs(ask.plan, Machines(servers=servers, every_cooling=True), ask.setting())


def _advise(ask: Ask) -> Advice:
    from mitsumori.model.study.ranking import advise

    return advise(ask.plan, ask.setting(), top=12, distinct=True)


def _goal(ask: Ask) -> GoalResult:
    from mitsumori.model.estimate.deadline import confidence_of
    from mitsumori.model.study.goal import Question
    from mitsumori.model.study.goal_seek import goal_seek

    asked = {"confidence": float(confidence_of(ask.plan)), **ask.pairs}
    if asked.get("unknown") == "server":
        from mitsumori.model.study.trade_offs import representatives

        asked["servers"] = representatives(ask.plan, catalogue_of(ask.project))
    return goal_seek(ask.plan, Question(**asked), ask.setting())


def _bottlenecks(ask: Ask) -> Bottlenecks:
    from mitsumori.model.study.bottlenecks import find_bottlenecks

    return find_bottlenecks(ask.plan, cancelled=ask.cancelled, progress=ask.progress, **ask.project)


def _generations(ask: Ask) -> Generations:
    from mitsumori.model.study.trade_offs import compare_generations

    return compare_generations(ask.plan, ask.word, setting=ask.setting())


def _gpu_swaps(ask: Ask) -> tuple[Swap, ...]:
    from mitsumori.model.study.gpu_swap import gpu_swaps

    return gpu_swaps(ask.plan, ask.word, today=dt.date.today(), cancelled=ask.cancelled, **ask.project)


def _clouds(ask: Ask) -> Clouds:
    from mitsumori.model.estimate.clouds import cloud_matrix

    return cloud_matrix(ask.plan, search=ask.word, **ask.project)


WORKS: Mapping[str, Work] = {
    "days_curve": _days_curve,
    "training_table": _training_table,
    "preview": _preview,
    "tornado": _tornado,
    "two_way": _two_way,
    "monte_carlo": _monte_carlo,
    "trade_offs": _trade_offs,
    "advise": _advise,
    "serve_options": _serve_options,
    "goal": _goal,
    "bottlenecks": _bottlenecks,
    "generations": _generations,
    "gpu_swaps": _gpu_swaps,
    "clouds": _clouds,
}


class Services(QObject):
    """Answers the tabs' questions; give it the window's job runner, or none to answer at once (tests, scripts)."""

    busy_changed = Signal(str, bool)
    """A kind of question went to the background, or was answered."""
    progressed = Signal(str, float)
    """How far the work on a kind of question got, 0 to 1."""

    def __init__(
        self, jobs: JobRunner | None = None, works: Mapping[str, Work] | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._works = dict(WORKS if works is None else works)
        self.project: Callable[[], ProjectContext] = ProjectContext
        """Gives the project's own ``catalogue`` and ``corrections``; the window sets it."""
        self._exchange: Exchange | None = None
        self._known: dict[Slot, tuple[Plan, object]] = {}
        self._took: dict[str, float] = {}
        self._latest: dict[Slot, Plan] = {}
        # Several parts of a page may ask the same question of one plan: each gets the answer.
        self._running: dict[str, tuple[Plan, list[Anyones]]] = {}
        self._waiting: dict[Slot, tuple[Plan, list[Anyones]]] = {}
        self._answered: list[tuple[str, Callable[[], None]]] = []
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(REST_MS)
        self._timer.timeout.connect(self._start_waiting)
        axis_hold().released.connect(self._let_go)

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue of the project."""
        return catalogue_of(self.project())

    def knows(self, kind: str) -> bool:
        """Whether this kind of question can be asked."""
        return kind in self._works

    def days_curve(self, plan: Plan, done: Answer[tuple[Cell, ...]]) -> None:
        """Days against GPU counts: :func:`model.study.training_table.days_curve`."""
        self.ask("days_curve", plan, done)

    def training_table(self, plan: Plan, done: Answer[TrainingTable]) -> None:
        """Days for models by GPU counts: :func:`model.study.training_table.training_table`."""
        self.ask("training_table", plan, done)

    def tornado(self, plan: Plan, done: Answer[Tornado]) -> None:
        """One factor at a time: :func:`model.cost.sensitivity.tornado`."""
        self.ask("tornado", plan, done)

    def two_way(self, plan: Plan, done: Answer[TwoWay]) -> None:
        """Utilization by cloud price: :func:`model.cost.sensitivity.two_way`."""
        self.ask("two_way", plan, done)

    def monte_carlo(self, plan: Plan, done: Answer[MonteCarlo]) -> None:
        """Bands of the cumulative cost: :func:`model.cost.sensitivity.monte_carlo`."""
        self.ask("monte_carlo", plan, done)

    def advise(self, plan: Plan, done: Answer[Advice]) -> None:
        """Ranked layouts: :func:`model.study.ranking.advise`."""
        self.ask("advise", plan, done)

    def serve_options(self, plan: Plan, done: Answer[ServingAdvice]) -> None:
        """Servers, formats and layouts that carry a load: :func:`model.study.serving_ranking.advise_serving`."""
        self.ask("serve_options", plan, done)

    def trade_offs(self, plan: Plan, scope: str, done: Answer[TradeOffs]) -> None:
        """Days, money, GPUs and power of other plans: :func:`model.study.trade_offs.trade_offs`; ``own`` or ``all`` servers."""
        self.ask("trade_offs", plan, done, scope)

    def goal(self, plan: Plan, goal: Mapping[str, object], done: Answer[GoalResult]) -> None:
        """The fewest servers that meet a goal, or the most that it allows: :func:`model.study.goal_seek.goal_seek`."""
        self.ask("goal", plan, done, tuple(sorted(goal.items())))

    def bottlenecks(self, plan: Plan, done: Answer[Bottlenecks]) -> None:
        """Shares of the time and the gain of single changes: :func:`model.study.bottlenecks.find_bottlenecks`."""
        self.ask("bottlenecks", plan, done)

    def generations(self, plan: Plan, same: str, done: Answer[Generations]) -> None:
        """Servers for the same money, deadline or power: :func:`model.study.trade_offs.compare_generations`."""
        self.ask("generations", plan, done, same)

    def gpu_swaps(self, plan: Plan, same: str, done: Answer[tuple[Swap, ...]]) -> None:
        """The plan on other GPUs: :func:`model.study.gpu_swap.gpu_swaps`; after an exchange still of the plan before it."""
        if self._exchange is None:
            from mitsumori.model.study.gpu_swap import Exchange

            self._exchange = Exchange()
        exchange = self._exchange
        home = exchange.home(plan)
        self.ask("gpu_swaps", home, lambda rows: done(rows and exchange.shown(rows, home, plan, same)), same)

    def clouds(self, plan: Plan, search: str, done: Answer[Clouds]) -> None:
        """Providers and terms for the plan's work: :func:`model.estimate.clouds.cloud_matrix`."""
        self.ask("clouds", plan, done, search)

    def preview(self, plan: Plan, changes: Mapping[str, object], done: Answer[Estimate]) -> None:
        """The estimate that a remedy would give."""
        self.ask("preview", plan, done, tuple(sorted(changes.items())))

    def ask(self, kind: str, plan: Plan, done: Anyones, detail: Detail = None) -> None:
        """Answer ``done(result)`` now or later; ``done(None)`` when the question has no answer for this plan."""
        slot = (kind, detail)
        self._latest[slot] = plan
        known = self._known.get(slot)
        if known is not None and (known[0] is plan or known[0] == plan):
            self._waiting.pop(slot, None)
            done(known[1])
            return
        if kind not in self._works:
            done(None)
            return
        quick = kind not in OFFLINE_KINDS and self._took.get(kind, QUICK_S / 2) < QUICK_S
        self._drop_older(slot, plan)
        if self._jobs is None or quick:
            self._waiting.pop(slot, None)
            done(self._work(kind, plan, detail))
            return
        under_way = self._running.get(_job_key(*slot))
        if under_way is not None and under_way[0] is plan:
            under_way[1].append(done)
            return
        waiting = self._waiting.get(slot)
        if waiting is not None and waiting[0] is plan:
            waiting[1].append(done)
        else:
            self._waiting[slot] = plan, [done]
        self._timer.start()

    def at_work(self) -> bool:
        """Whether a question waits for the hand to rest, or is being worked on."""
        return bool(self._waiting or self._running or self._answered)

    def forget(self) -> None:
        """Drop known answers: the catalogue or the corrections changed."""
        self._known.clear()
        self._latest.clear()

    def give_up(self) -> None:
        """Leave all questions: the plan is another one, and what is still at work would only keep its own answers waiting."""
        self._timer.stop()
        self._waiting.clear()
        self._latest.clear()
        self._answered.clear()
        for key in list(self._running):
            self._leave(key)

    def stop(self, kind: str) -> None:
        """Give up the questions of a kind: nobody is answered."""
        for slot in [slot for slot in self._waiting if slot[0] == kind]:
            del self._waiting[slot]
        self._answered = [item for item in self._answered if item[0] != kind]
        if not self._waiting:
            self._timer.stop()
        for key in [key for key in self._running if _kind_of(key) == kind]:
            self._leave(key)

    def _leave(self, key: str) -> None:
        """End the work on a question: nobody waits for it."""
        del self._running[key]
        assert self._jobs is not None
        self._jobs.cancel(key)
        self.busy_changed.emit(_kind_of(key), False)

    def _work(self, kind: str, plan: Plan, detail: Detail) -> object:
        begun = time.perf_counter()
        try:
            result = self._works[kind](Ask(plan, detail, self.project()))
        except (Refusal, PlanError):
            result = None
        took = time.perf_counter() - begun
        # The first run imports and parses catalogues: it says nothing about the next one.
        self._took[kind] = min(took, self._took.get(kind, QUICK_S / 2) * 3)
        self._remember((kind, detail), plan, result)
        return result

    def _remember(self, slot: Slot, plan: Plan, result: object) -> None:
        if len(self._known) > 64:
            self._known.clear()
        self._known[slot] = (plan, result)

    def _drop_older(self, slot: Slot, plan: Plan) -> None:
        """Stop work on the same question about an older plan: a slider is moved on, nobody waits for it."""
        key = _job_key(*slot)
        if key in self._running and self._running[key][0] is not plan:
            self._leave(key)

    def _let_go(self) -> None:
        """The hand left the slider: what came meanwhile is shown, what waited is worked on."""
        answered, self._answered = self._answered, []
        for _, show in answered:
            show()
        self._start_waiting()

    def _start_waiting(self) -> None:
        if axis_hold().held or not self._waiting:
            return
        waiting, self._waiting = self._waiting, {}
        for (kind, detail), (plan, dones) in waiting.items():
            self._start(kind, detail, plan, dones)

    def _start(self, kind: str, detail: Detail, plan: Plan, dones: list[Anyones]) -> None:
        work = self._works[kind]
        project = self.project()
        key = _job_key(kind, detail)

        def run(context: JobContext) -> tuple[object, float]:
            # Work that was queued behind other work waits for the hand like any other.
            _give_way(context)
            begun = time.perf_counter()
            try:
                result = work(Ask(plan, detail, project, lambda: _give_way(context), context.progress))
            except (Refusal, PlanError):
                result = None
            context.check()
            return result, time.perf_counter() - begun

        def finish(answer: tuple[object, float]) -> None:
            result, took = answer
            self._took[kind] = took
            self._remember((kind, detail), plan, result)
            self._running.pop(key, None)
            self.busy_changed.emit(kind, False)

            def show() -> None:
                if self._latest.get((kind, detail)) is plan:
                    for done in dones:
                        done(result)

            if axis_hold().held:
                # Filling a table or a chart takes as long as a tick of the slider.
                self._answered.append((kind, show))
            else:
                show()

        def fail(error: BaseException) -> None:
            self._running.pop(key, None)
            self.busy_changed.emit(kind, False)
            raise error

        for other, (asked, _) in list(self._running.items()):
            if asked is not plan and _kind_of(other) == kind and other != key:
                self._leave(other)
        self._running[key] = plan, dones
        self.busy_changed.emit(kind, True)
        assert self._jobs is not None
        self._jobs.start(key, run, finish, failed=fail, progress=lambda share, _: self.progressed.emit(kind, share))


def _give_way(context: JobContext) -> bool:
    """What work asks between its parts: it waits here while a slider is held, and leaves when nobody wants it any more.

    False: whoever is not wanted does not return to finish what it was at, which would share the interpreter with the hand.
    """
    hold = axis_hold()
    while hold.held and not context.cancelled:
        context.wait(PAUSE_S)
    context.check()
    return False


def _kind_of(key: str) -> str:
    """The kind of question a job answers."""
    return key.partition(":")[0]


def _job_key(kind: str, detail: Detail) -> str:
    """Name of the job that answers a question."""
    return kind if detail is None else f"{kind}:{detail!r}"
