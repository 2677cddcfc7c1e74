"""What is repainted only where it changed looks like what was painted anew: after drags, themes and languages."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRectF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication, QWidget

from mitsumori.gui.charts.base import Chart, Mark, axis_hold
from mitsumori.gui.store import estimate_plan
from mitsumori.gui.theme.tokens import set_theme, theme
from mitsumori.gui.widgets.paint import box, card
from mitsumori.gui.window import Window
from mitsumori.gui.words.translation import set_language
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import Project, load_sample
from tests.gui.windows import window

SLIDERS = ("workload.tokens", "cluster.servers", "parallel.seq_len", "facility.rack_kva", "money.utilization")


@pytest.fixture(autouse=True)
def released() -> Iterator[None]:
    yield
    axis_hold().hold(False)


def settled(made: Window, qtbot: Any) -> None:
    """Wait until every answer is there and painted, and no change is flashed any more."""
    qtbot.waitUntil(lambda: not made.store.stale and not made.jobs.any_busy(), timeout=20_000)
    for _ in range(4):  # an answer may ask the next question
        qtbot.wait(200)
        qtbot.waitUntil(lambda: not made.jobs.any_busy(), timeout=20_000)
    for shown in made.headline.cards():
        shown._timer.stop()
        shown._hide_delta()
    QApplication.processEvents()


def pixels(widget: QWidget, on_screen: bool = False) -> np.ndarray[Any, Any]:
    """A widget as it is painted anew, or as the screen shows it: with what was not repainted for a while."""
    taken = widget.screen().grabWindow(widget.winId()) if on_screen else widget.grab()
    image = taken.toImage().convertToFormat(QImage.Format.Format_RGB32)
    return np.frombuffer(bytes(image.constBits()), np.uint8).reshape(image.height(), image.width(), 4)[..., :3]


def parts(made: Window) -> dict[str, QWidget]:
    return {
        "inputs": made.inputs,
        "headline": made.headline,
        "tab": made.tab_stack.currentWidget(),
        "footer": made.footer,
    }


def drag(made: Window, rng: random.Random) -> None:
    """One drag of one slider, painted now and then."""
    row = made.inputs.row(rng.choice(SLIDERS))
    if row is None or row.slider is None or not row.slider.isEnabled():
        return
    row.slider.sliderPressed.emit()
    for _ in range(rng.randint(2, 6)):
        row.slider._announce(row.slider.scale().value(rng.uniform(0.1, 0.7)))
        for _ in range(rng.randint(0, 2)):
            QApplication.processEvents()
    row.slider.released.emit()


@pytest.mark.parametrize(
    ("seed", "tab", "then"),
    [(1, "overview", ""), (2, "overview", "dark"), (3, "overview", "ja"), (4, "racks", "dark"), (5, "cost", ""),
     (6, "training_time", "ja"), (7, "memory", "")],
)  # fmt: skip
def test_after_random_drags_the_window_looks_like_a_new_one(application, qtbot, seed, tab, then) -> None:  # type: ignore[no-untyped-def]
    rng = random.Random(seed)
    start = load_sample("llama3-70b-continual").plans[0]
    made = window(qtbot, start, estimator=estimate_plan)
    made.show_tab(tab)
    settled(made, qtbot)
    first = {name: pixels(widget) for name, widget in parts(made).items()}
    for _ in range(6):
        drag(made, rng)
    if then == "dark":
        set_theme("dark")
    elif then:
        set_language("ja")
    drag(made, rng)
    settled(made, qtbot)
    dragged = {name: pixels(widget) for name, widget in parts(made).items()}
    plan: Plan = made.store.plan
    assert plan != start
    made.hide()
    anew = window(qtbot, plan, estimator=estimate_plan)
    anew.show_tab(tab)
    settled(anew, qtbot)
    for name, widget in parts(anew).items():
        fresh = pixels(widget)
        assert fresh.shape == dragged[name].shape, name
        wrong = np.argwhere((fresh != dragged[name]).any(axis=-1))
        assert not len(wrong), (name, len(wrong), wrong.min(axis=0), wrong.max(axis=0))
    assert any((dragged[name] != first[name]).any() for name in ("inputs", "headline"))


@pytest.mark.parametrize(("path", "tab"), [("workload.tokens", "overview"), ("cluster.servers", "overview"),
                                           ("money.utilization", "cost"), ("parallel.seq_len", "memory")])  # fmt: skip
def test_the_screen_shows_what_a_whole_repaint_would(application, qtbot, path, tab) -> None:  # type: ignore[no-untyped-def]
    made = window(qtbot, load_sample("llama3-70b-continual").plans[0], estimator=estimate_plan)
    made.show_tab(tab)
    if path == "money.utilization":
        made.apply({"workload.runs_per_year": None})
    settled(made, qtbot)
    slider = made.inputs.row(path).slider
    seen = []
    axis_hold().hold(True)
    for place in (0.3, 0.55, 0.35, 0.7, 0.45):
        slider._announce(slider.scale().value(place))
        qtbot.waitUntil(lambda: not made.store.stale and not made.jobs.any_busy(), timeout=20_000)
        for _ in range(5):  # an answer may lay out the page anew
            QApplication.processEvents()
        shown, anew = pixels(made, on_screen=True), pixels(made)
        wrong = np.argwhere((shown != anew).any(axis=-1))
        assert not len(wrong), (place, len(wrong), wrong.min(axis=0), wrong.max(axis=0))
        seen.append(shown)
    assert all((one != other).any() for one, other in pairwise(seen))


@pytest.mark.parametrize("tab", ["overview"])
def test_a_kept_picture_looks_like_what_it_was_painted_from(application, qtbot, monkeypatch, tab) -> None:  # type: ignore[no-untyped-def]
    made = window(qtbot, load_sample("llama3-70b-continual").plans[0], estimator=estimate_plan)
    made.show_tab(tab)
    settled(made, qtbot)
    shown = made.tab_stack.currentWidget()
    kept = pixels(shown).astype(int)
    layers = sum(len(chart._layers) for chart in shown.findChildren(Chart))
    assert layers

    def direct(
        chart: Chart, painter: QPainter, name: str, rect: QRectF, state: Any, paint: Callable[[QPainter], None]
    ) -> None:
        paint(painter)

    monkeypatch.setattr(Chart, "layer", direct)
    assert np.abs(pixels(shown).astype(int) - kept).max() <= 2


def test_a_layer_is_painted_once_until_what_it_shows_changes(application, qtbot) -> None:  # type: ignore[no-untyped-def]
    painted: list[str] = []

    class Layered(Chart):
        text = "one"

        def draw(self, painter: QPainter, rect: QRectF) -> None:
            text = self.text
            self.layer(painter, "words", rect, text, lambda painter: painted.append(text))

    chart = Layered()
    qtbot.addWidget(chart)
    chart.resize(200, 100)
    chart.show()
    qtbot.waitUntil(lambda: painted == ["one"])
    view = chart.view().viewport()
    view.repaint()
    assert painted == ["one"]
    chart.text = "two"
    view.repaint()
    assert painted == ["one", "two"]
    chart.resize(210, 100)
    chart.repaint()
    set_theme("dark")
    chart.repaint()
    assert painted == ["one", "two", "two", "two"]
    image = QImage(50, 50, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    chart.render_to(painter, QRectF(0, 0, 50, 50))  # for paper and pictures never from a pixmap
    painter.end()
    assert len(painted) == 5


def test_only_the_chart_is_repainted_when_it_changes(application, qtbot) -> None:  # type: ignore[no-untyped-def]
    made = window(qtbot, load_sample("llama3-70b-continual").plans[0], estimator=estimate_plan)
    settled(made, qtbot)
    frame = made.tab_stack.currentWidget().cost_card  # type: ignore[attr-defined]
    painted: list[str] = []
    for widget, name in ((frame, "card"), (frame.chart, "chart"), (frame.chart.view(), "view")):
        original = widget.paintEvent
        widget.paintEvent = lambda event, original=original, name=name: (painted.append(name), original(event))
    frame.chart.update()
    QApplication.processEvents()
    assert "card" not in painted


def test_tips_are_made_when_somebody_points(application, qtbot) -> None:  # type: ignore[no-untyped-def]
    made: list[int] = []

    class Lazy(Chart):
        def draw(self, painter: QPainter, rect: QRectF) -> None:
            self.mark(rect, "below")
            self.marks_when_asked(lambda: (made.append(1), [Mark(QRectF(0, 0, 50, 50), "above")])[1])

    chart = Lazy()
    qtbot.addWidget(chart)
    chart.resize(200, 100)
    chart.show()
    qtbot.waitUntil(lambda: bool(chart._marks._parts))
    assert not made
    found = chart.mark_at(QPoint(10, 10).toPointF())
    assert found is not None
    assert found.words() == "above"
    assert [mark.words() for mark in chart.marks()] == ["below", "above"]
    assert len(made) == 1


def test_a_burst_of_ticks_is_one_estimate_and_one_painting(application, qtbot, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    computed: list[Plan] = []

    def counted(plan: Plan, **context: Any) -> Any:
        computed.append(plan)
        return estimate_plan(plan, **context)

    made = window(qtbot, load_sample("llama3-70b-continual").plans[0], estimator=counted)
    settled(made, qtbot)
    tab = made.tab_stack.currentWidget()
    painted: dict[str, int] = {}
    for part in (tab.stack, tab.facts):
        original = part.paintEvent

        def noted(event: Any, part: Any = part, original: Any = original) -> None:
            painted[type(part).__name__] = painted.get(type(part).__name__, 0) + 1
            original(event)

        part.paintEvent = noted
    paint = tab.cost.view().contents.paint

    def counted_cost(*args: Any) -> None:
        painted["cost"] = painted.get("cost", 0) + 1
        paint(*args)

    tab.cost.view().contents.paint = counted_cost
    made.show_tab("serving")  # made and fed, and hidden again: it is the one that reads the project
    made.show_tab("overview")
    settled(made, qtbot)
    joined: list[Project] = []
    project = made.store.project
    monkeypatch.setattr(made.store, "project", lambda: (joined.append(project()), joined[-1])[1])
    slider = made.inputs.row("workload.tokens").slider
    slider.sliderPressed.emit()
    computed.clear()
    painted.clear()
    for position in np.linspace(0.3, 0.6, 10):
        slider._announce(slider.scale().value(float(position)))
    assert not computed
    qtbot.waitUntil(lambda: not made.store.stale)
    for _ in range(5):
        QApplication.processEvents()
    assert len(computed) == 1
    assert computed[0] is made.store.plan
    assert not joined, "nothing that is shown reads the whole project"
    assert painted["cost"] == 1
    assert painted.get("FactRows", 0) <= 1
    assert not painted.get("StackBar"), "the tokens do not move the memory"
    slider.released.emit()


@pytest.mark.parametrize("path", ["facility.rack_kva", "workload.tokens", "money.utilization"])
def test_a_drag_moves_no_row_of_the_inputs(application, qtbot, path) -> None:  # type: ignore[no-untyped-def]
    made = window(qtbot, load_sample("llama3-70b-continual").plans[0], estimator=estimate_plan)
    settled(made, qtbot)
    moved: list[str] = []
    for section in made.inputs.sections:
        for row in section.rows:
            row.height_changed.connect(lambda row=row: moved.append(row.field.path))
    slider = made.inputs.row(path).slider
    slider.sliderPressed.emit()
    for position in np.linspace(0.45, 0.55, 6):
        slider._announce(slider.scale().value(float(position)))
        qtbot.waitUntil(lambda: not made.store.stale)
        QApplication.processEvents()
    assert not moved
    slider.released.emit()


@pytest.mark.parametrize("name", ["light", "dark"])
@pytest.mark.parametrize("size", [(60, 40), (233, 122), (701, 355)])
def test_a_card_of_whole_pixels_looks_like_a_rounded_rectangle(application, qtbot, name, size) -> None:  # type: ignore[no-untyped-def]
    set_theme(name)
    seen = []
    for paint in (card, lambda painter, rect: box(painter, rect, 8, theme().color("card"), theme().color("line"))):

        class Sheet(QWidget):
            def paintEvent(self, event: Any, paint: Any = paint) -> None:
                painter = QPainter(self)
                painter.fillRect(self.rect(), theme().color("window"))
                paint(painter, QRectF(self.rect()))
                painter.end()

        made = Sheet()
        qtbot.addWidget(made)
        made.resize(*size)
        seen.append(pixels(made).astype(int))
    assert np.abs(seen[0] - seen[1]).max() <= 2
    assert (seen[0] != seen[0][0, 0]).any()
