"""What every tab is: a scrolling page of cards that shows one plan and its estimate."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QCoreApplication, QRectF, Qt, Signal
from PySide6.QtGui import QHideEvent, QPainter, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from mitsumori.gui.changes import Changes
from mitsumori.gui.charts.frame import Body, ChartFrame
from mitsumori.gui.charts.painting import color, u
from mitsumori.gui.dialogs.explain import explain
from mitsumori.gui.services import Services
from mitsumori.gui.theme.tokens import theme_signals
from mitsumori.gui.widgets.paint import card as paint_card
from mitsumori.gui.words.plan import path_words, value_words
from mitsumori.gui.words.translation import Translated
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.estimate.results import Estimate
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import Project

translate = QCoreApplication.translate


class Tab(Translated, QScrollArea):
    """Base of the tabs. A subclass builds its cards once and writes :meth:`refresh`."""

    plan_change_requested = Signal(dict)
    """Dotted plan paths and values: a cell adopted, a remedy applied."""
    field_requested = Signal(str)
    """A plan path whose input should be shown (a price that is missing)."""
    scenario_added = Signal(object)
    """A plan that becomes the next scenario; None duplicates the one shown."""
    calendar_wanted = Signal(object)
    """Entries that become the project's calendar."""
    scenario_requested = Signal(int)
    """Another scenario should be shown."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.key = ""
        self.plan: Plan | None = None
        self.typed: Plan | None = None
        """The plan as it was typed: :attr:`plan` has the servers that the estimate counts for those that serve or generate."""
        self.estimate: Estimate | None = None
        self.services: Services | None = None
        self._stale = False
        self._on_screen = False
        self.changed = Changes()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.viewport().setAutoFillBackground(False)
        self.page = QWidget()
        self.page.setAutoFillBackground(False)
        self.page.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.column = QVBoxLayout(self.page)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(round(u(12)))
        self.setWidget(self.page)
        self.build()
        theme_signals().changed.connect(self.retheme)

    # -- to be written by a tab ------------------------------------------------------------------------------------

    def build(self) -> None:
        """Create the cards, once."""

    def refresh(self) -> None:
        """Show :attr:`plan` and :attr:`estimate`; both are set."""

    # -- contract with the window ----------------------------------------------------------------------------------

    def set_result(self, plan: Plan, estimate: Estimate) -> None:
        """Show a plan and its estimate; a hidden tab only remembers them until it is shown."""
        if self.estimate is None or estimate.catalogue is not self.estimate.catalogue:
            self.changed.forget()  # other records: what they are called and hold may differ where no figure does
        self.plan, self.estimate = plan, estimate
        if self._on_screen:
            self._stale = False
            self.refresh()
        else:
            self._stale = True

    def set_scenarios(
        self, plans: tuple[Plan, ...], active: int, estimate_of: Callable[[int], Estimate | None]
    ) -> None:
        """All scenarios, which one is shown, and their estimates when asked for; few tabs need them."""

    def set_project(self, project: Callable[[], Project], estimate_of: Callable[[int], Estimate | None]) -> None:
        """The whole project with its calendar, put together when asked for; few tabs need it, and none while hidden."""

    def set_services(self, services: Services) -> None:
        """Where slow answers come from."""
        self.services = services
        self._renew()

    def retranslate(self) -> None:
        """Set every text again."""
        self._renew()
        self.page.update()

    def retheme(self) -> None:
        """Take over colours and measures."""
        self.column.setSpacing(round(u(12)))
        self._renew()
        self.page.update()

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue of the project: where a plan is shown that has no estimate."""
        if self.services is not None:
            return self.services.catalogue
        return Catalogue.shipped() if self.estimate is None else self.estimate.catalogue

    # -- helpers ---------------------------------------------------------------------------------------------------

    def _renew(self) -> None:
        self.changed.forget()
        if self.plan is not None and self.estimate is not None:
            if self._on_screen:
                self.refresh()
            else:
                self._stale = True

    def hideEvent(self, event: QHideEvent) -> None:
        """From now on results are only remembered."""
        self._on_screen = False
        super().hideEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what came while hidden."""
        self._on_screen = True
        super().showEvent(event)
        if self._stale:
            self._stale = False
            self.refresh()

    def card(self, chart: Body, extra: QWidget | None = None) -> ChartFrame:
        """A card around a chart whose keys open explanations."""
        frame = ChartFrame(chart, None, extra)
        frame.opened.connect(self.open_key)
        frame.describe = self.change_words
        return frame

    def change_words(self, key: object) -> str:
        """What opening a key would change, as people read it; empty where it does not change this plan."""
        if not isinstance(key, Mapping) or self.plan is None:
            return ""
        plan, catalogue = self.plan, self.catalogue
        changes = []
        for path, new in key.items():
            old, words = plan.value(path), path_words(path).replace("&", "")
            if old != new:
                pair = (value_words(path, value, catalogue, plan) for value in (old, new))
                changes.append(
                    translate("Charts", "{what}: {old} → {new}").format(what=words, old=next(pair), new=next(pair))
                )
        return translate("Charts", ", ").join(changes)

    def row(self, *widgets: tuple[QWidget, int]) -> QBoxLayout:
        """A row of cards with stretch factors; the cards share the row's height."""
        layout = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        layout.setSpacing(round(u(12)))
        for widget, stretch in widgets:
            layout.addWidget(widget, stretch)
        return layout

    def open_key(self, key: object) -> None:
        """Open what was clicked: a plan change, a field, or the explanation of a figure."""
        if isinstance(key, Mapping):
            self.plan_change_requested.emit(dict(key))
        elif isinstance(key, str) and key.startswith("field:"):
            self.field_requested.emit(key.removeprefix("field:"))
        elif isinstance(key, str) and self.plan is not None and self.estimate is not None:
            explain(self, key, self.plan, self.estimate)


class Panel(QFrame):
    """A plain card for widgets that are not charts."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tone: str | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def paintEvent(self, event: object) -> None:
        """The card, with a bar of its tone at the left."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_card(painter, QRectF(self.rect()))
        if self.tone:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color(self.tone))
            painter.setClipRect(QRectF(0, 0, u(4), self.height()))
            painter.drawRoundedRect(QRectF(self.rect()), u(8), u(8))
        painter.end()
