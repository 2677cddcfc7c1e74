"""A foldable group of input rows with a one-line summary while folded."""

from __future__ import annotations

import math
from collections.abc import Collection

from PySide6.QtCore import QCoreApplication, QEasingCurve, QRectF, QSize, Qt, QVariantAnimation, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from mitsumori.gui.inputs.row import InputRow
from mitsumori.gui.inputs.spec import Group, always
from mitsumori.gui.theme.icons import paint_icon
from mitsumori.gui.theme.tokens import theme
from mitsumori.gui.widgets.accessible import FOLDS
from mitsumori.gui.widgets.buttons import Button, Pressable
from mitsumori.gui.widgets.focus import OWN_FOCUS
from mitsumori.gui.widgets.motion import animated
from mitsumori.gui.widgets.paint import box as outline_box
from mitsumori.gui.widgets.paint import text, width_of
from mitsumori.gui.widgets.surface import Covering
from mitsumori.gui.words.translation import Translated
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.plan.plan import Plan


def margin() -> int:
    """Room at the sides of the rows: 20 px, 16 in a compact window."""
    return theme().fit(20, 16)


def header_height() -> int:
    """41 px, 34 in a compact window."""
    return theme().fit(41, 34)


class SectionHeader(Covering, Pressable):
    """Icon, title, summary while folded, chevron; Space, Enter or a click folds and unfolds."""

    def __init__(self, icon: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon, self._summary = icon, ""
        self.content_right = 0
        self.setCheckable(True)
        self.setProperty(OWN_FOCUS, True)
        self.setProperty(FOLDS, True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_summary(self, summary: str) -> None:
        """What a folded section says."""
        if summary != self._summary:
            self._summary = summary
            self.setAccessibleDescription(summary)
            start, end = self._room()
            self.update(math.floor(start), 0, math.ceil(end) - math.floor(start), self.height())

    def _room(self) -> tuple[float, float]:
        """Where the summary begins and ends."""
        look = theme()
        title_x = margin() + look.px(18) + look.px(9)
        end = (self.content_right or self.width()) - margin() - look.px(16) + look.px(2) - look.px(6)
        return title_x + width_of(self.text(), 14, 600) + look.px(12), end

    def sizeHint(self) -> QSize:
        """As high as all headers."""
        return QSize(theme().px(320), header_height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the header."""
        look = theme()
        painter = QPainter(self)
        rect = QRectF(self.rect())
        painter.fillRect(rect, look.color("hover" if self.underMouse() else "card"))
        start, end = self._room()
        dirty = QRectF(event.rect())
        if dirty.left() < math.floor(start) or dirty.right() > math.ceil(end):
            self._paint_title(painter, rect, end + look.px(6))
        if not self.isChecked() and self._summary:
            shown = self._summary
            if width_of(shown, 13) > end - start:
                shown = look.metrics(13).elidedText(shown, Qt.TextElideMode.ElideRight, end - start)
            box = QRectF(start, 0, end - start, rect.height())
            text(painter, box, shown, 13, look.color("text_3"), 400, Qt.AlignmentFlag.AlignRight)
        if self.hasFocus():
            ring = rect.adjusted(3, 3, -3, -3)
            ring.setRight(min(ring.right(), (self.content_right or rect.width()) - 3))
            outline_box(painter, ring, look.px(6), None, look.color("accent"), 2)

    def _paint_title(self, painter: QPainter, rect: QRectF, right: float) -> None:
        """Icon and title at the left, the chevron at the right: what no summary changes."""
        look = theme()
        left, side, middle, chevron = margin(), look.px(18), rect.center().y(), look.px(16)
        paint_icon(painter, QRectF(left, middle - side / 2, side, side), self._icon, look.color("text_2"))
        title_x = left + side + look.px(9)
        text(painter, QRectF(title_x, 0, rect.width(), rect.height()), self.text(), 14, look.color("text"), 600)
        name = "chevron-down" if self.isChecked() else "chevron-right"
        paint_icon(painter, QRectF(right, middle - chevron / 2, chevron, chevron), name, look.color("text_2"))


class Section(Translated, QWidget):
    """One group of the pane."""

    toggled = Signal(str, bool)
    row_made = Signal(object)
    """A row was built: rows come into being when they are first needed."""

    def __init__(self, group: Group, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.group = group
        self.header = SectionHeader(group.icon, self)
        self.header.setChecked(group.open_at_first)
        self.header.toggled.connect(self._folded)
        self.body = QWidget(self)
        self.rows: list[InputRow] = []
        self.more = Button(kind="link", parent=self)
        self.more.clicked.connect(self._toggle_more)
        self._all = False
        self._behind = sum(field.more for field in group.fields)
        self._plan: Plan | None = None
        self._catalogue = Catalogue.shipped()
        self._presenting = False
        self.pane_width = theme().px(360)
        self._share = 1.0 if group.open_at_first else 0.0
        self._animation = QVariantAnimation(self)
        self._animation.setDuration(120)
        self._animation.setEasingCurve(QEasingCurve.Type.OutQuad)
        self._animation.valueChanged.connect(self._grow)
        self.retranslate()

    def build(self, more: bool = False) -> bool:
        """Build the rows that are missing: the first ones, or all; says whether there were any."""
        if len(self.rows) >= len(self.group.fields) - (0 if more else self._behind):
            return False
        known = {row.field.path: row for row in self.rows}
        wanted = [field for field in self.group.fields if field.path in known or more or not field.more]
        made = []
        self.rows = []
        for field in wanted:
            row = known.get(field.path)
            if row is None:
                row = InputRow(field, self.body)
                row.list_it(False)
                row.height_changed.connect(self._changed)
                made.append(row)
            self.rows.append(row)
        QWidget.setTabOrder(self.header, self.more)
        before: QWidget = self.more
        for row in self.rows:
            for control in row.controls():
                QWidget.setTabOrder(before, control)
                before = control
        for row in made:
            self.row_made.emit(row)
            row.set_catalogue(self._catalogue)
            if self._plan is not None:
                row.show_plan(self._plan)
        return True

    def set_pane_width(self, width: int) -> None:
        """The width of the pane, scroll bar included: rows keep their place whether there is one or not."""
        if width != self.pane_width:
            self.pane_width = width
            self._changed()

    def is_open(self) -> bool:
        """Whether the rows are shown."""
        return self.header.isChecked()

    def set_open(self, on: bool) -> None:
        """Show or fold the rows."""
        self.header.setChecked(on)

    def reveal(self, path: str) -> InputRow | None:
        """Unfold as far as needed to show the row of a path."""
        field = next((field for field in self.group.fields if field.path == path), None)
        if field is None:
            return None
        self.build(field.more)
        row = next((row for row in self.rows if row.field.path == path), None)
        if row is not None:
            self.set_open(True)
            self._animation.stop()
            self._grow(1.0)
            if row.field.more and not self._all:
                self._toggle_more()
        return row

    def _folded(self, on: bool) -> None:
        if on:
            self.build(self._all)
            self.show_plan_rows()
        self._animation.stop()
        if animated(self):
            self._animation.setStartValue(self._share)
            self._animation.setEndValue(1.0 if on else 0.0)
            self.body.setVisible(True)
            self._animation.start()
        else:
            self._grow(1.0 if on else 0.0)
        self.toggled.emit(self.group.key, on)

    def _grow(self, share: float) -> None:
        self._share = float(share)
        self.body.setVisible(self._share > 0)
        self._changed()

    def _toggle_more(self) -> None:
        self._all = not self._all
        self.build(self._all)
        self.retranslate()
        self.show_plan_rows()
        self._changed()
        self.toggled.emit(self.group.key, self.is_open())

    def set_presenting(self, on: bool) -> None:
        """Hide purchase price, discount and margin."""
        self._presenting = on
        self.show_plan_rows()
        self._changed()

    def wanted(self, row: InputRow) -> bool:
        """Whether a row belongs on screen for the plan."""
        field = row.field
        if self._presenting and field.internal:
            return False
        if self._plan is not None and not (
            self.group.shown_when(self._plan) and field.offered(self._plan, self._catalogue)
        ):
            return False
        return self._all or not field.more

    def set_catalogue(self, catalogue: Catalogue) -> None:
        """Take lists and units from another catalogue."""
        self._catalogue = catalogue
        for row in self.rows:
            row.set_catalogue(catalogue)

    def show_plan(self, plan: Plan, moved: Collection[str] | None = None) -> None:
        """Show the plan in all rows; ``moved`` names the parts that differ from the last plan's, if known."""
        first, self._plan = self._plan is None, plan
        self.setVisible(self.group.shown_when(plan))
        made = self.is_open() and self.build(self._all)
        for row in self.rows:
            row.show_plan(plan, moved)
        self.show_plan_rows(made or first)

    def show_plan_rows(self, every: bool = True) -> None:
        """Show the rows that the plan calls for; where not ``every``, only what another plan can change."""
        changed = False
        for row in self.rows:
            fixed = self.group.shown_when is always and row.field.shown_when is always
            if not every and fixed and not row.field.only_if_several:
                continue
            wanted = self.wanted(row)
            if wanted != row.listed:
                row.list_it(wanted)
                changed = True
        if changed:
            self._changed()

    def open_rows(self) -> list[InputRow]:
        """Rows that can be seen when scrolled to."""
        return [row for row in self.rows if row.listed] if self.is_open() else []

    def _changed(self) -> None:
        self._arrange()
        self.updateGeometry()

    def _body_height(self, width: int) -> int:
        inner = width - 2 * margin()
        height = sum(row.heightForWidth(inner) for row in self.rows if row.listed)
        return height + theme().px(9)

    def _has_more(self) -> bool:
        return any(field.more for field in self.group.fields)

    def heightForWidth(self, width: int) -> int:
        """The height at a width."""
        return header_height() + round(self._body_height(self.pane_width) * self._share) + 1

    def hasHeightForWidth(self) -> bool:
        """The rows' notes wrap."""
        return True

    def sizeHint(self) -> QSize:
        """At the present width."""
        width = self.width() or theme().px(360)
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        """Never lower than its rows."""
        return QSize(theme().px(300), self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place the rows."""
        self._arrange()

    def _arrange(self) -> None:
        look, width = theme(), self.width()
        self.header.content_right = self.pane_width
        self.header.setGeometry(0, 0, width, header_height())
        full = self._body_height(self.pane_width)
        self.body.setGeometry(0, header_height(), width, round(full * self._share))
        x, y, inner = margin(), 0, self.pane_width - 2 * margin()
        for row in self.rows:
            if row.listed:
                height = row.heightForWidth(inner)
                row.setGeometry(x, y, inner, height)
                y += height
        self.more.setVisible(self._has_more() and self.is_open())
        if self._has_more():
            size = self.more.sizeHint()
            left = self.pane_width - (margin() + look.px(22)) - size.width()
            self.more.setGeometry(left, (header_height() - size.height()) // 2, size.width(), size.height())

    def retranslate(self) -> None:
        """Set title and button again."""
        title = QCoreApplication.translate("Fields", self.group.title)
        self.header.setText(title)
        self.header.setAccessibleName(title)
        self.more.setText(self.tr("Fewer") if self._all else self.tr("More"))
        name = self.tr("Fewer inputs of {group}") if self._all else self.tr("More inputs of {group}")
        self.more.setAccessibleName(name.format(group=title))

    def retheme(self) -> None:
        """Take fonts and colours again."""
        for row in self.rows:
            row.retheme()
        self._changed()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The hairline below."""
        painter = QPainter(self)
        painter.fillRect(0, self.height() - 1, self.width(), 1, theme().color("line"))
