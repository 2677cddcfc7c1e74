"""Who offers, the same in every proposal: issuer, address, logo. Kept in the settings of this machine.

What one proposal says beside its figures is the file's (:mod:`mitsumori.gui.dialogs.proposal`).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QCoreApplication, QIODevice, QSize, Qt
from PySide6.QtGui import QImage, QImageReader
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QWidget

from mitsumori.gui import settings
from mitsumori.gui.dialogs.base import LineField, ToolDialog
from mitsumori.gui.theme.tokens import theme
from mitsumori.gui.widgets.buttons import Button, Switch

if TYPE_CHECKING:
    from mitsumori.model.workbook.context import ProposalSettings

translate = QCoreApplication.translate

GROUP = "proposal"
TEXTS = ("issuer", "address", "department", "contact", "registration")
LONGEST = 200
LOGO_LARGEST_BYTES = 2_000_000
LOGO_PX = (480, 160)
"""A logo is scaled down to this box: it stands in one corner of a page."""


def stored_settings() -> ProposalSettings:
    """The settings as the workbook takes them; what is missing or damaged in the store has its default."""
    from mitsumori.model.workbook.context import ProposalSettings

    texts = {name: settings.text(f"{GROUP}/{name}")[:LONGEST] for name in TEXTS}
    return ProposalSettings(
        logo_png=logo_of(settings.text(f"{GROUP}/logo")),
        confidential=settings.flag(f"{GROUP}/confidential", True),
        issuer=texts["issuer"],
        address=texts["address"],
        department=texts["department"],
        contact=texts["contact"],
        registration=texts["registration"],
    )


def logo_of(name: str) -> bytes | None:
    """The picture of a file as PNG, scaled down; None when there is none that can be read."""
    if not name:
        return None
    path = Path(name)
    try:
        if not path.is_file() or path.stat().st_size > LOGO_LARGEST_BYTES:
            return None
    except OSError:
        return None
    reader = QImageReader(name)
    reader.setAutoTransform(True)
    size = reader.size()
    if not size.isValid() or size.width() > 10_000 or size.height() > 10_000:
        return None
    image = reader.read()
    return None if image.isNull() else _png(image)


def _png(image: QImage) -> bytes:
    room = QSize(*LOGO_PX)
    if image.width() > room.width() or image.height() > room.height():
        image = image.scaled(room, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data())


class SettingsDialog(ToolDialog):
    """One line each; what is empty stays to be filled in by hand on the cover."""

    def __init__(self, parent: QWidget) -> None:
        lead = translate("Proposal", "These stand on every proposal written on this machine.")
        super().__init__(parent, translate("Proposal", "Issuer of proposals"), lead, (640, 520))

        def field(name: str, label: str, width: int = 0) -> LineField:
            return LineField(label, settings.text(f"{GROUP}/{name}"), width)

        self.issuer = field("issuer", translate("Proposal", "Issuer"))
        self.address = field("address", translate("Proposal", "Address"))
        self.registration = field("registration", translate("Proposal", "Registration number"), 220)
        self.department = field("department", translate("Proposal", "Department"))
        self.contact = field("contact", translate("Proposal", "Contact"))
        self.logo = field("logo", translate("Proposal", "Logo file"))
        self.logo.setPlaceholderText(translate("Proposal", "PNG, JPEG or SVG"))
        choose = Button(translate("Proposal", "Choose…"))
        choose.setAccessibleName(translate("Proposal", "Choose a logo file"))
        choose.clicked.connect(self._choose)
        both = QWidget()
        row = QHBoxLayout(both)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme().px(8))
        row.addWidget(self.logo, 1)
        row.addWidget(choose)
        self.confidential = Switch()
        self.confidential.setAccessibleName(translate("Proposal", "Marked confidential"))
        self.confidential.setChecked(settings.flag(f"{GROUP}/confidential", True))
        self.form(
            [
                (translate("Proposal", "Issuer"), self.issuer),
                (translate("Proposal", "Address"), self.address),
                (translate("Proposal", "Department"), self.department),
                (translate("Proposal", "Contact"), self.contact),
                (translate("Proposal", "Registration number"), self.registration),
                (translate("Proposal", "Logo file"), both),
                (translate("Proposal", "Marked confidential"), self.confidential),
            ]
        )
        self.body.addStretch(1)
        self.button(translate("Proposal", "Cancel"), self.reject)
        self.save = self.button(translate("Proposal", "Save"), self._save, "primary")
        self.issuer.setFocus(Qt.FocusReason.TabFocusReason)

    def _choose(self) -> None:
        kinds = translate("Proposal", "Pictures") + " (*.png *.jpg *.jpeg *.svg *.bmp)"
        name, _ = QFileDialog.getOpenFileName(self, translate("Proposal", "Choose a logo file"), "", kinds)
        if name:
            self.logo.accept(name)

    def _save(self) -> None:
        logo = self.logo.text().strip()
        if logo and logo_of(logo) is None:
            self.refuse(translate("Proposal", "The logo must be a picture file of at most 2 MB."))
            self.logo.setFocus()
            return
        settings.store(f"{GROUP}/logo", logo)
        settings.store(f"{GROUP}/confidential", self.confidential.isChecked())
        for name in TEXTS:
            settings.store(f"{GROUP}/{name}", getattr(self, name).text().strip()[:LONGEST])
        self.accept()
