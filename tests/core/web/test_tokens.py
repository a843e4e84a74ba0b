"""The colours keep their promises: text 7:1, controls and tool colours 4.5:1, on every ground, in both themes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TOKENS = Path(__file__).resolve().parents[3] / "core" / "static" / "core" / "tokens.css"
GROUNDS = ("paper", "surface", "sunken")
STATES = ("done", "running", "waiting", "warning", "failed", "locked")
TOOLS = ("ecrf", "backup", "lowcode", "prescriptions", "datahub")


def themes() -> dict[str, dict[str, str]]:
    """Theme -> token -> colour, as the browser computes it: dark overrides light."""
    light, dark = TOKENS.read_text().split('[data-bs-theme="dark"]')
    colours = re.compile(r"--([\w-]+): (#[0-9a-f]{6});")
    first = dict(colours.findall(light))
    return {"light": first, "dark": {**first, **dict(colours.findall(dark))}}


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (red, green, blue)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_is_readable_on_every_ground(theme: str) -> None:
    """Text, links and states reach 7:1 on the page, on cards and in wells."""
    tokens = themes()[theme]
    for text in ("ink", "ink-soft", "accent", *STATES):
        for ground in GROUNDS:
            assert contrast(tokens[text], tokens[ground]) >= 7, f"{text} on {ground}"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_states_are_readable_on_their_tint(theme: str) -> None:
    """A state's word reaches 7:1 on its own tint, and the button's word on the accent."""
    tokens = themes()[theme]
    for state in STATES:
        assert contrast(tokens[state], tokens[f"{state}-tint"]) >= 7, state
    assert contrast(tokens["on-accent"], tokens["accent"]) >= 7
    assert contrast(tokens["on-accent"], tokens["accent-strong"]) >= 7
    assert contrast(tokens["ink"], tokens["accent-tint"]) >= 7
    assert contrast(tokens["accent"], tokens["accent-tint"]) >= 7


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_edges_and_icons_are_seen(theme: str) -> None:
    """The edge of a control and the colour of a tool reach 4.5:1 on every ground."""
    tokens = themes()[theme]
    for line in ("line-strong", "focus", *(f"tool-{tool}" for tool in TOOLS)):
        for ground in GROUNDS:
            assert contrast(tokens[line], tokens[ground]) >= 4.5, f"{line} on {ground}"


def test_contrast_is_computed_as_wcag_says() -> None:
    """Black on white is 21:1 and a colour on itself 1:1."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#0b4f55", "#0b4f55") == pytest.approx(1)
