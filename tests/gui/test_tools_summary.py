"""The one-page PDF and the proposal's settings."""

from __future__ import annotations

import subprocess
import threading
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QLabel

from mitsumori.gui import settings
from mitsumori.gui.dialogs.proposal import ProposalDialog
from mitsumori.gui.dialogs.proposal_settings import GROUP, SettingsDialog, logo_of, stored_settings
from mitsumori.gui.present.pdf_summary import page_of, pdf_bytes, picture_of, write
from mitsumori.gui.store import estimate_plan
from mitsumori.gui.theme.tokens import painted_as, set_theme, theme
from mitsumori.gui.words.translation import language, set_language, speaking
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.plan import Plan
from mitsumori.model.plan.project import load_sample
from mitsumori.model.plan.proposal import Proposal
from tests.gui.windows import window
from tests.needs import needs_pdf_tools

PLAN = load_sample("llama3-70b-continual").plan.with_values(
    {"money.onprem.server_price": 43_219_876.0, "money.onprem.discount": 0.137, "money.onprem.margin": 0.0876}
)  # fmt: skip
PROPOSAL = Proposal(customer="架空商事")


def told(path: Path) -> str:
    text = subprocess.run(["pdftotext", "-layout", str(path), "-"], check=True, capture_output=True, text=True).stdout
    # Japanese fonts share glyphs between a character and its radical; pdftotext may say either.
    return unicodedata.normalize("NFKC", text)


def written(tmp_path: Path, code: str, plan: Plan = PLAN) -> Path:
    path = tmp_path / "page.pdf"
    result = estimate(plan)
    page = page_of(plan, result, code, stored_settings(), proposal=PROPOSAL)
    path.write_bytes(pdf_bytes(page, picture_of(page, plan, result)))
    return path


@pytest.mark.parametrize(
    ("code", "words"),
    [("en", ("Rough estimate", "Break-even", "Not included", "Weights", "Valid until")),
     ("ja", ("概算見積書", "損益分岐点", "含まれないもの", "重み", "有効期限", "架空商事"))],
)  # fmt: skip
@pytest.mark.parametrize("window_language", ["en", "ja"])
def test_the_page_is_one_a4_landscape_in_its_own_language(  # type: ignore[no-untyped-def]
    application, tmp_path: Path, code: str, words: tuple[str, ...], window_language: str
) -> None:
    needs_pdf_tools()
    set_language(window_language)  # type: ignore[arg-type]
    path = written(tmp_path, code)
    info = subprocess.run(["pdfinfo", str(path)], check=True, capture_output=True, text=True).stdout
    assert "Pages:           1" in info
    width, height = (float(part) for part in info.split("Page size:")[1].split()[0:3:2])
    assert (round(width), round(height)) == (842, 595)
    text = told(path)
    assert [word for word in words if word not in text] == []
    assert language() == window_language


def test_it_says_what_the_workbook_says(application) -> None:  # type: ignore[no-untyped-def]
    from mitsumori.model.workbook import build

    result = estimate(PLAN)
    page = page_of(PLAN, result, "en", stored_settings())
    cells = build(PLAN, result, "en").sheets["summary"].cells.values()
    assert page.conclusion == next(str(cell.value) for cell in cells if cell.role == "lead")
    assert [item.note for item in page.figures] == [
        str(cell.value) for cell in cells if cell.role == "kpi_note" and cell.value
    ]
    assert len(page.figures) == 4
    assert len(page.excluded) == 8


@pytest.mark.parametrize("code", ["en", "ja"])
def test_no_purchase_price_discount_or_margin_is_on_it(application, tmp_path: Path, code: str) -> None:  # type: ignore[no-untyped-def]
    needs_pdf_tools()
    text = told(written(tmp_path, code)).replace(",", "")
    assert not [number for number in ("43219876", "13.7", "8.76", "4322") if number in text]


def test_a_dark_window_prints_on_white(application, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    needs_pdf_tools()
    set_theme("dark")
    path = written(tmp_path, "en")
    assert theme().is_dark, "the window's theme is as it was"
    subprocess.run(["pdftoppm", "-r", "40", "-png", str(path), str(tmp_path / "page")], check=True)
    image = QImage(str(next(tmp_path.glob("page*.png"))))
    corner, card = image.pixelColor(3, 3), image.pixelColor(image.width() // 2 - 30, image.height() // 2)
    assert corner == QColor("white")
    assert card.lightnessF() > 0.5


@pytest.mark.parametrize(
    "changes",
    [{"parallel.auto": False, "parallel.tp": 1}, {"money.cloud.instance": None, "money.onprem.server_price": None},
     {"name": "A very long name of a project that goes on and on and on and on " * 3}],
)  # fmt: skip
def test_plans_with_gaps_have_a_page_too(application, tmp_path: Path, changes: dict[str, Any]) -> None:  # type: ignore[no-untyped-def]
    needs_pdf_tools()
    path = written(tmp_path, "ja", PLAN.with_values(changes))
    assert "概算見積書" in told(path)


def test_it_is_written_from_the_window(qtbot, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    win = window(qtbot, load_sample("llama2-7b-sft").plan, estimator=estimate_plan)
    win.open_after_export = False
    write(win, tmp_path / "page.pdf", "en")
    qtbot.waitUntil(lambda: not win.jobs.busy("summary"), timeout=60_000)
    assert (tmp_path / "page.pdf").read_bytes()[:5] == b"%PDF-"
    write(win, tmp_path / "no" / "folder.pdf", "en")
    qtbot.waitUntil(lambda: bool(win.footer._alarm), timeout=60_000)


def test_the_pdf_is_made_off_the_gui_thread(qtbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    win = window(qtbot, load_sample("llama2-7b-sft").plan, estimator=estimate_plan)
    win.open_after_export = False
    threads: dict[str, bool] = {}

    def noted(name: str, real: Any) -> Any:
        def run(*arguments: Any) -> Any:
            threads[name] = threading.current_thread() is threading.main_thread()
            return real(*arguments)

        return run

    for name, real in (("page_of", page_of), ("picture_of", picture_of), ("pdf_bytes", pdf_bytes)):
        monkeypatch.setattr(f"mitsumori.gui.present.pdf_summary.{name}", noted(name, real))
    write(win, tmp_path / "page.pdf", "ja")
    qtbot.waitUntil(lambda: (tmp_path / "page.pdf").exists(), timeout=60_000)
    assert threads == {"page_of": False, "picture_of": True, "pdf_bytes": False}


def test_speaking_another_language_leaves_the_window_alone(qtbot) -> None:  # type: ignore[no-untyped-def]
    win = window(qtbot)
    texts = [label.text() for label in win.findChildren(QLabel)]
    with speaking("ja"), painted_as("dark"):
        assert language() == "ja"
        assert theme().is_dark
    qtbot.wait(20)
    assert language() == "en"
    assert [label.text() for label in win.findChildren(QLabel)] == texts


# --- settings


def test_the_issuer_and_the_files_proposal_reach_the_page_and_the_workbook(qtbot, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    logo = tmp_path / "logo.png"
    image = QImage(2000, 500, QImage.Format.Format_RGB32)
    image.fill(QColor("#2A4FA8"))
    image.save(str(logo))
    win = window(qtbot)
    dialog = SettingsDialog(win)
    dialog.open()
    dialog.issuer.setText("見積商会")
    dialog.registration.setText("T1234567890123")
    dialog.logo.setText(str(logo))
    dialog.save.click()
    offered = ProposalDialog(win)
    offered.open()
    offered.fields["quote_number"].setText("Q-2026-0042")
    offered.fields["issue_date"].setText("2026/11/20")
    offered.fields["valid_days"].setText("90")
    offered.boxes.setChecked(True)
    offered.save.click()
    settings, proposal = stored_settings(), win.store.proposal
    assert (proposal.quote_number, str(proposal.issue_date), proposal.valid_days, proposal.approval_boxes) == (
        "Q-2026-0042", "2026-11-20", 90, True,
    )  # fmt: skip
    assert settings.logo_png is not None
    assert QImage.fromData(settings.logo_png).width() == 480
    page = page_of(PLAN, estimate(PLAN), "ja", settings, proposal=proposal)
    facts = dict(page.facts)
    assert (facts["見積番号"], facts["提出元"], facts["有効期限"]) == ("Q-2026-0042", "見積商会", "2027-02-18")
    assert facts["登録番号"] == "T1234567890123"
    assert page.logo == settings.logo_png


def test_the_proposal_is_the_files_and_one_step_of_undo(qtbot, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    win = window(qtbot)
    dialog = ProposalDialog(win)
    dialog.open()
    dialog.fields["customer"].setText("架空商事")
    dialog.save.click()
    assert win.store.project().proposal == Proposal(customer="架空商事")
    win.store.undo_stack.undo()
    assert win.store.proposal == Proposal()
    win.store.undo_stack.redo()
    again = ProposalDialog(win)
    assert again.fields["customer"].text() == "架空商事"
    again.reject()


@pytest.mark.parametrize(("field", "value"), [("issue_date", "yesterday"), ("valid_days", "0"), ("valid_days", "1.5"),
                                              ("subject", "x" * 300)])  # fmt: skip
def test_a_proposal_that_is_not_accepted_is_said_and_not_kept(qtbot, field: str, value: str) -> None:  # type: ignore[no-untyped-def]
    win = window(qtbot)
    dialog = ProposalDialog(win)
    dialog.open()
    dialog.fields[field].setText(value)
    dialog.save.click()
    assert dialog.isVisible()
    assert dialog.refusal.text().endswith((".", "。"))
    assert win.store.proposal == Proposal()
    dialog.reject()


def test_a_logo_that_is_no_picture_is_said_and_not_kept(qtbot) -> None:  # type: ignore[no-untyped-def]
    win = window(qtbot)
    dialog = SettingsDialog(win)
    dialog.open()
    dialog.logo.setText("missing.png")
    dialog.save.click()
    assert dialog.isVisible()
    assert dialog.refusal.text().endswith(".")
    assert settings.text(f"{GROUP}/logo") == ""
    dialog.reject()


def test_damaged_settings_have_their_defaults(application, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    settings.store(f"{GROUP}/logo", str(tmp_path))
    assert stored_settings().logo_png is None
    assert logo_of("") is None
