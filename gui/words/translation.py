"""Japanese and English, switched while the window is open (Qt Linguist).

Source strings are English, marked with ``self.tr`` or ``QCoreApplication.translate``; Japanese lies in
``resources/i18n/*_ja.qm``. Installing a translator makes Qt send ``LanguageChange`` to every widget: widgets refresh
their texts there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QLibraryInfo, QLocale, QObject, QTranslator, Signal

from mitsumori import resources
from mitsumori.gui import settings
from mitsumori.model.base.messages import LANGUAGES, Language
from mitsumori.model.base.refusal import Refusal, cause_of, in_words

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget as _Widget
else:
    _Widget = object


class Translated(_Widget):
    """Mixed into a widget whose texts follow the language: Qt tells every widget of a change, and it sets them again."""

    def retranslate(self) -> None:
        """Set the texts in the language of the window."""
        raise NotImplementedError

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language."""
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)


class LanguageSignals(QObject):
    """Announces a change of language, after all widgets were told to retranslate."""

    changed = Signal()


_language: Language = "en"
_translators: list[QTranslator] = []
_signals: LanguageSignals | None = None


def language() -> Language:
    """The language of the window, for texts that come from the model (findings, workbook)."""
    return _language


def language_signals() -> LanguageSignals:
    """The object whose ``changed`` signal follows every change of language."""
    global _signals
    if _signals is None:
        _signals = LanguageSignals()
    return _signals


def error_words(error: BaseException) -> str:
    """Why something failed, in the language of the window: a refusal, a reason of the system; else its own words."""
    return error.text(_language) if isinstance(error, Refusal) else in_words(cause_of(error), _language)


def preferred_language() -> Language:
    """The remembered language, else Japanese on a Japanese desktop and English elsewhere."""
    stored = settings.text("window/language")
    if stored in LANGUAGES:
        return stored
    return "ja" if QLocale.system().language() == QLocale.Language.Japanese else "en"


def set_language(code: Language, *, remember: bool = False) -> None:
    """Switch every text of the application.

    Raises
    ------
    ValueError
        For a language the product does not speak.
    """
    global _language
    if code not in LANGUAGES:
        raise ValueError(f"language={code!r} must be one of {', '.join(LANGUAGES)}")
    application = QCoreApplication.instance()
    _language = code
    if application is not None:
        for translator in _translators:
            application.removeTranslator(translator)
        _translators.clear()
        QLocale.setDefault(QLocale(QLocale.Language.Japanese if code == "ja" else QLocale.Language.English))
        for translator in _load(code):
            application.installTranslator(translator)
            _translators.append(translator)
        # The change is posted; deliver it now, so that the signal below finds every widget translated.
        for _ in range(2):  # to the application, then to the widgets
            QCoreApplication.sendPostedEvents(None, QEvent.Type.LanguageChange.value)
    if remember:
        settings.store("window/language", code)
    language_signals().changed.emit()


@contextmanager
def speaking(code: Language) -> Iterator[None]:
    """Speak another language for a moment, for a page printed in it; the window's widgets do not change."""
    global _language
    kept = _language
    application = QCoreApplication.instance()
    if application is None or code == kept:
        yield
        return
    own, other = list(_translators), _load(code)
    _language = code
    for translator in own:
        application.removeTranslator(translator)
    for translator in other:
        application.installTranslator(translator)
    try:
        yield
    finally:
        _language = kept
        for translator in other:
            application.removeTranslator(translator)
        for translator in own:
            application.installTranslator(translator)
        # Nothing changed in the end: no widget needs to hear of it.
        QCoreApplication.removePostedEvents(None, QEvent.Type.LanguageChange.value)  # type: ignore[arg-type]  # None: of all


def _load(code: Language) -> list[QTranslator]:
    found = []
    qt = QTranslator()
    if code != "en" and qt.load(f"qtbase_{code}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        found.append(qt)
    for entry in sorted(resources.path("i18n").iterdir(), key=lambda item: item.name):
        if entry.name.endswith(f"_{code}.qm"):
            translator = QTranslator()
            if translator.load(str(entry)):
                found.append(translator)
    return found


def marked(context: str, source: str) -> str:
    """A source text that is translated later; lupdate knows it by the name ``_N``."""
    return source


def translate(context: str, source: str, n: int = -1) -> str:
    """Translate outside a QObject; mark the call so that lupdate sees context and source as literals."""
    return QCoreApplication.translate(context, source, "", n)
