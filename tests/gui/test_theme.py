"""Tokens hold the contrast the specification promises; ink on a fill is readable."""

from __future__ import annotations

import json

import pytest

from mitsumori import resources
from mitsumori.gui.theme.icons import pixmap
from mitsumori.gui.theme.tokens import Theme, contrast, ink_on, set_theme, theme, theme_signals

TEXT_PAIRS = [
    (ink, ground)
    for ink in ("text", "text_2", "text_3")
    for ground in ("card", "window", "sunken")
] + [
    ("accent", "card"), ("accent", "window"), ("accent", "sunken"), ("ok", "card"), ("marginal", "card"), ("bad", "card"),
    ("cloud", "card"), ("onprem", "card"), ("cloud", "window"), ("onprem", "window"), ("on_accent", "accent"),
    ("ok", "ok_tint"), ("marginal", "marginal_tint"), ("bad", "bad_tint"), ("text_3", "accent_tint"),
    ("on_accent", "accent_hover"), ("text_3", "hover"), ("text", "accent_tint"),
]  # fmt: skip


@pytest.mark.parametrize("name", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXT_PAIRS)
def test_text_contrast_is_at_least_4_5(name: str, ink: str, ground: str) -> None:
    look = Theme(name)  # type: ignore[arg-type]
    assert contrast(look.color(ink), look.color(ground)) >= 4.5


@pytest.mark.parametrize("name", ["light", "dark"])
def test_field_borders_have_at_least_3(name: str) -> None:
    look = Theme(name)  # type: ignore[arg-type]
    assert contrast(look.color("line_strong"), look.color("card")) >= 3.0


def test_contrast_of_black_and_white_is_21() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)


def test_ink_is_the_better_of_white_and_near_black() -> None:
    assert ink_on("#2A4FA8").name() == "#ffffff"
    assert ink_on("#E8B03A").name() == "#10141a"


def test_both_themes_have_the_same_tokens() -> None:
    tokens = json.loads(resources.read_text("theme", "tokens.json"))
    assert tokens["light"].keys() == tokens["dark"].keys()


def test_a_switch_is_announced_once_and_reaches_palette_and_icons(application, qtbot) -> None:  # type: ignore[no-untyped-def]
    before = pixmap("chip", 20, "text").toImage()
    heard: list[str] = []
    theme_signals().changed.connect(lambda: heard.append(theme().name))
    set_theme("dark")
    assert heard == ["dark"]
    assert application.palette().window().color() == theme().color("window")
    assert pixmap("chip", 20, "text").toImage() != before


def test_scale_reaches_fonts() -> None:
    plain = theme().font(14).pixelSize()
    set_theme(scale=1.3)
    assert theme().font(14).pixelSize() == round(plain * 1.3)


@pytest.mark.parametrize("name", ["light", "dark"])
def test_every_part_of_a_step_has_a_colour_of_the_theme(name: str) -> None:
    """A part of the step was given a colour that no theme has: painting it ended the window of a PPO plan."""
    from mitsumori.gui.tabs.view import TIME_PARTS
    from mitsumori.gui.words.calendar import _INKS
    from mitsumori.gui.words.results import TIME_INK

    set_theme(name)  # type: ignore[arg-type]
    for ink in {*TIME_INK.values(), *_INKS.values(), *(TIME_INK.get(part, f"time_{part}") for part in TIME_PARTS)}:
        assert theme().color(ink).isValid(), ink
