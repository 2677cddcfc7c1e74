"""Cells of tables: air at both sides, the chosen row tinted."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QPainter, QPalette
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from mitsumori.gui.theme.tokens import theme

_AIR = 4
"""Pixels at each side beside those of Qt: the text then stands below its head's, 8 px from the edge."""


class Cells(QStyledItemDelegate):
    """Texts 8 px from the edges, so that columns stay apart; ink of the theme also where the row is chosen."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """The text and its air."""
        hint = super().sizeHint(option, index)
        return QSize(hint.width() + 2 * theme().px(_AIR), hint.height())

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        """Ink of the theme also where the row is chosen."""
        super().initStyleOption(option, index)
        option.palette.setColor(QPalette.ColorRole.Highlight, theme().color("accent_tint"))
        option.palette.setColor(QPalette.ColorRole.HighlightedText, theme().color("text"))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """The ground from edge to edge, the text within."""
        ground = index.data(Qt.ItemDataRole.BackgroundRole)
        if ground is not None:
            painter.fillRect(option.rect, ground)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, theme().color("accent_tint"))
        inner = QStyleOptionViewItem(option)
        inner.rect = option.rect.adjusted(theme().px(_AIR), 0, -theme().px(_AIR), 0)
        inner.state &= ~(QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_HasFocus)
        super().paint(painter, inner, index)
