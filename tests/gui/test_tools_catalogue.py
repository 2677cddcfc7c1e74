"""The catalogue page: sources and ages, figures of the user's own, price lists; all of it in the project, undoable."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from mitsumori.gui.dialogs.catalogue import CatalogueDialog, changed_fields, figures_of, joined
from mitsumori.gui.store import estimate_plan
from mitsumori.gui.words.catalogue import KINDS, record_name
from mitsumori.gui.words.translation import set_language
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.plan.project import load_sample, parse_project
from tests.gui.windows import window

PLAN = load_sample("llama2-7b-sft").plan
TODAY = dt.date(2026, 11, 22)


def page(qtbot: Any) -> tuple[Any, CatalogueDialog]:
    win = window(qtbot, PLAN, estimator=estimate_plan)
    dialog = CatalogueDialog(win)
    dialog.open()
    return win, dialog


def choose(dialog: CatalogueDialog, kind: str, key: str, path: str = "") -> None:
    dialog.kind.setCurrentIndex(KINDS.index(kind))
    dialog.records.selectRow(dialog._keys.index(key))
    if path:
        dialog.figures.selectRow(dialog._paths.index(path))


def set_value(qtbot: Any, win: Any, dialog: CatalogueDialog, value: str) -> None:
    dialog.value.setText(value)
    dialog.set_button.click()
    qtbot.waitUntil(lambda: not win.store.stale)
    qtbot.wait(20)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_kind_is_listed_with_its_sources(qtbot, language: str) -> None:  # type: ignore[no-untyped-def]
    set_language(language)  # type: ignore[arg-type]
    _win, dialog = page(qtbot)
    for index, kind in enumerate(KINDS):
        dialog.kind.setCurrentIndex(index)
        rows = dialog.records.table().rows
        assert len(rows) == len(Catalogue.shipped().records(kind))
        assert all(row[0] for row in rows)
        assert sum(row[1] != "—" for row in rows) > len(rows) / 2
    dialog.close()


def test_an_own_figure_is_the_users_counts_and_is_taken_back(qtbot) -> None:  # type: ignore[no-untyped-def]
    win, dialog = page(qtbot)
    server = PLAN.cluster.server
    before = win.store.estimate.facility.it_kw.value
    choose(dialog, "servers", server, "max_power_kw")
    set_value(qtbot, win, dialog, "12.5")
    record = win.store.context()["catalogue"].server(server)
    assert record.max_power_kw == 12.5
    found = record.provenance("max_power_kw")
    assert (found.source_id, found.grade) == ("user", "U")
    assert win.store.estimate.facility.it_kw.value > before
    row = dialog.figures.table().rows[dialog._paths.index("max_power_kw")]
    assert row[1:3] == ("12.5", "entered by the user")
    saved = parse_project(win.store.project().to_bytes(), "saved")
    assert saved.catalogue["servers"][server]["max_power_kw"] == 12.5
    dialog.reset.click()
    qtbot.waitUntil(lambda: win.store.estimate.facility.it_kw.value == before)
    win.store.undo_stack.undo()
    assert win.store.context()["catalogue"].server(server).max_power_kw == 12.5
    dialog.close()


def test_a_price_that_was_not_known_can_be_given(qtbot) -> None:  # type: ignore[no-untyped-def]
    win, dialog = page(qtbot)
    key = next(key for key, item in Catalogue.shipped().servers().items() if item.price is None)
    choose(dialog, "servers", key, "price")
    set_value(qtbot, win, dialog, "45000000")
    price = win.store.context()["catalogue"].server(key).price
    assert (price.low, price.high, price.currency) == (45e6, 45e6, "JPY")
    dialog.close()


def test_a_cloud_price_changes_alone_and_takes_the_day(qtbot) -> None:  # type: ignore[no-untyped-def]
    win, dialog = page(qtbot)
    key, old = next((key, item) for key, item in Catalogue.shipped().cloud_instances().items() if len(item.prices) > 1)
    first, second = list(old.prices)[:2]
    choose(dialog, "cloud", key, f"prices.{first}")
    set_value(qtbot, win, dialog, "77.5")
    new = win.store.context()["catalogue"].cloud_instance(key)
    assert new.prices[first] == 77.5
    assert new.prices[second] == old.prices[second]
    assert new.price_date == dt.date.today().isoformat()
    dialog.close()


def test_old_prices_say_their_age(qtbot) -> None:  # type: ignore[no-untyped-def]
    win, dialog = page(qtbot)
    records = {"cloud": {key: {"price_date": "2025-09-20"} for key in list(Catalogue.shipped().cloud_instances())[:1]}}
    key = next(iter(records["cloud"]))
    dialog._today = TODAY
    assert win.store.set_context("dated", records=records) is None
    choose(dialog, "cloud", key)
    assert dialog.title.text().endswith("the price is 14 months old")
    assert dialog.records.table().rows[dialog._keys.index(key)][4] == "14 months"
    assert dialog.old.text()
    dialog.close()


def test_search_narrows_and_says_when_nothing_is_found(qtbot) -> None:  # type: ignore[no-untyped-def]
    _win, dialog = page(qtbot)
    dialog.search.setText("xd670")
    assert dialog._keys == ["HPE-XD670"]
    dialog.search.setText("no such thing")
    assert dialog._keys == []
    assert dialog.title.text() == "No record holds this text."
    assert not dialog.set_button.isEnabled()
    dialog.close()


@pytest.mark.parametrize("typed", ["much", "-4", "1e99"])
def test_what_no_record_accepts_is_refused_and_nothing_changes(qtbot, typed: str) -> None:  # type: ignore[no-untyped-def]
    win, dialog = page(qtbot)
    choose(dialog, "servers", "HPE-XD670", "accelerators")
    dialog.value.setText(typed)
    dialog.set_button.click()
    assert dialog.refusal.text().endswith(".")
    assert win.store.own_records == {}
    dialog.close()


@pytest.mark.parametrize(("separator", "encoding"), [(",", "utf-8"), (";", "cp932"), ("\t", "utf-8-sig")])
def test_a_price_list_is_taken_over(qtbot, tmp_path: Path, separator: str, encoding: str) -> None:  # type: ignore[no-untyped-def]
    rows = [
        ("kind", "key", "field", "value", "currency", "date", "source"),
        ("servers", "HPE-XD670", "price", "41000000", "JPY", "2026-10-01", "見積 2026-10"),
    ]
    path = tmp_path / "prices.csv"
    path.write_bytes("\n".join(separator.join(row) for row in rows).encode(encoding))
    win, dialog = page(qtbot)
    dialog.take_prices(path)
    qtbot.waitUntil(lambda: bool(win.store.own_records) or bool(dialog.refusal.text()), timeout=10_000)
    assert dialog.refusal.text() == ""
    price = win.store.context()["catalogue"].server("HPE-XD670").price
    assert (price.middle, price.date, price.note) == (41e6, "2026-10-01", "見積 2026-10")
    win.store.undo_stack.undo()
    assert win.store.own_records == {}
    dialog.close()


def test_a_wrong_price_list_is_refused_in_a_sentence(qtbot, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "prices.csv"
    path.write_text("a,b\n1,2\n")
    win, dialog = page(qtbot)
    dialog.take_prices(path)
    qtbot.waitUntil(lambda: bool(dialog.refusal.text()), timeout=10_000)
    assert "price list" in dialog.refusal.text()
    assert win.store.own_records == {}
    dialog.close()


def test_records_joined_keep_what_is_not_changed() -> None:
    own = {"cloud": {"a": {"prices": {"x": 1.0, "y": 2.0}}}, "servers": {"s": {"weight_kg": 3}}}
    both = joined(own, {"cloud": {"a": {"prices": {"x": 5.0}}}})
    assert both == {"cloud": {"a": {"prices": {"x": 5.0, "y": 2.0}}}, "servers": {"s": {"weight_kg": 3}}}
    assert own["cloud"]["a"]["prices"]["x"] == 1.0


def test_a_whole_record_of_the_project_names_the_user_for_what_the_user_changed() -> None:
    whole = Catalogue.shipped().embed("servers", "HPE-XD670")
    both = joined({"servers": {"HPE-XD670": whole}}, {"servers": {"HPE-XD670": {"max_power_kw": 9.5}}})
    record = Catalogue.shipped().with_records(both).server("HPE-XD670")
    found = record.provenance("max_power_kw")
    assert found is not None
    assert found.grade == "U"
    other = record.provenance("rack_units")
    assert other is not None
    assert other.grade != "U"


def test_every_figure_of_every_record_can_be_set_to_what_it_is() -> None:
    """Writing a figure back unchanged is accepted for all figures of the first records of each kind."""
    shipped = Catalogue.shipped()
    for kind in KINDS:
        for key, record in list(shipped.records(kind).items())[:3]:
            assert record_name(record)
            for path, value in figures_of(record).items():
                if value is None or path.startswith(("surrogate", "sources")):
                    continue
                changes = {kind: {key: changed_fields(record, path, value, TODAY)}}
                assert shipped.with_records(changes).get(kind, key) is not None


def test_a_year_is_written_without_separators() -> None:
    from mitsumori.gui.dialogs.catalogue import value_text

    assert value_text("year", 2018.0) == "2018"
    assert value_text("memory_gb", 2018.0) == "2,018"
