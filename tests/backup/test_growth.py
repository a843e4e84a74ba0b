"""The plots: sums that are right, drawings that begin at zero, and a forecast that says when it can't tell."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise

import defusedxml.ElementTree
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from backup import queries
from backup.models import Repository
from backup.queries import Step
from backup.web import growing, plots
from tests.backup.portal import Kept
from tests.backup.rows import snapshot

ClientOf = Callable[[str], Client]
TODAY = date(2026, 6, 30)


def url(kept: Kept, source: str = "", **more: str) -> str:
    address = reverse("backup:growth", args=[kept.world.project.slug, kept.repository.pk])
    return f"{address}?source={source}" if source else address


def step(days: int, added: int = 100, **facts: int) -> Step:
    values = {"count": 1, "grown": 0, "read": 0, "fresh": 0, "dense": 0, "changed": 0} | facts
    return Step(TODAY - timedelta(days=days), added=added, **values)


@pytest.mark.django_db
def test_what_is_held_is_the_newest_of_each_source(kept: Kept) -> None:
    """A day holds the newest backups of all sources, whatever older ones held; what was added is summed."""
    for source, days, size, added in (("a", 5, 100, 90), ("a", 3, 60, 5), ("b", 3, 40, 40), ("b", 1, 50, 10)):
        snapshot(kept.repository, source, days=days, bytes=size, added=added)
    snapshot(kept.repository, "a", days=2, bytes=999, added=999, forgotten_at=timezone.now())
    owner, project = kept.world.user["owner"], kept.world.project
    spans = growing.spans(queries.steps(owner, project), timezone.localdate())
    assert [each.held for each in spans] == [100, 100, 100, 110, 110] or [each.held for each in spans][-1] == 110
    assert [each.held for each in spans] == [100, 100, 100, 100, 110, 110][-len(spans) :]
    assert (spans[-1].stored, spans[0].stored) == (145, 90)
    alone = growing.spans(queries.steps(owner, project, kept.repository, "b"), timezone.localdate())
    assert (alone[0].held, alone[-1].held, alone[-1].stored) == (40, 50, 50)
    assert queries.steps(kept.world.user["stranger"], project) == []


@pytest.mark.django_db
def test_numbers_that_nobody_has_are_drawn_all_the_same(kept: Kept) -> None:
    """A writer that lies about sizes and times breaks no page: sums go beyond a column, days stay in bounds."""
    most = (1 << 63) - 1
    for number, days in enumerate((20_000, 30, 3, -4000)):
        snapshot(kept.repository, f"liar-{number}", days=days, bytes=most, added=most, fresh=most, dense=most)
    steps = queries.steps(kept.world.user["owner"], kept.world.project)
    spans = growing.spans(steps, timezone.localdate())
    assert (spans[-1].held, spans[-1].stored) == (4 * most, 4 * most)
    assert len(spans) < 110
    for plot in growing.plots(spans):
        assert all(drawing.ticks for _width, drawing in plot.drawings)


def test_long_spans_are_weeks() -> None:
    """Up to three months each day is shown, beyond that each week; the sums stay whole."""
    short = growing.spans([step(60), step(1)], TODAY)
    long = growing.spans([step(200, 7), *(step(days) for days in range(199, -1, -1))], TODAY)
    assert [(later.day - day.day).days for day, later in pairwise(short)] == [1] * 60
    assert {(later.day - day.day).days for day, later in pairwise(long)} == {7}
    assert long[-1].day == TODAY
    assert long[-1].stored == sum(each.added for each in long) == 7 + 200 * 100
    assert growing.spans([step(1)], TODAY) == []
    assert growing.spans([], TODAY) == []


def test_what_is_spared() -> None:
    """Deduplication is what was saved against what was new, compression what was new against what it takes."""
    [*_others, last] = growing.spans([step(5, 50, read=400, fresh=100), step(1, 0, read=400)], TODAY)
    assert (last.dedup, last.compression) == (8.0, 2.0)
    [*_others, unknown] = growing.spans([step(5, 50), step(1)], TODAY)
    assert (unknown.dedup, unknown.compression) == (None, None)


@pytest.mark.parametrize(
    ("steps", "used", "limit", "weeks", "why"),
    [
        ([step(days, 100) for days in range(70, -1, -7)], 500, 1500, 10, ""),
        ([step(70, 10**9), *(step(days, 100) for days in range(63, -1, -7))], 500, 1500, 10, ""),
        ([step(20)], 500, 1500, None, "young"),
        ([], 0, 1500, None, "young"),
        ([step(80)], 500, 1500, None, "still"),
        ([step(days, 1) for days in range(70, -1, -7)], 0, 10**6, None, "far"),
        ([step(80)], 1500, 1500, 0, "full"),
    ],
    ids=["steady", "one week is no rule", "young", "empty", "still", "far", "full"],
)
def test_when_it_is_full(steps: list[Step], used: int, limit: int, weeks: int | None, why: str) -> None:
    """The median of the last weeks says when a quota is reached; where it can't, that is said."""
    told = queries.forecast(steps, used, limit, TODAY)
    assert (told.weeks, told.why) == (weeks, why)


@pytest.mark.parametrize(
    ("most", "top", "unit", "ticks"),
    [
        (0, 1, "B", ["0", "1"]),
        (37, 40, "B", ["0", "10", "20", "30", "40"]),
        (1_730_000_000, 2_000_000_000, "GB", ["0", "0.5", "1", "1.5", "2"]),
        (999_999, 1_000_000, "kB", ["0", "250", "500", "750", "1,000"]),
        (9_000_000_000_000_000, 10_000_000_000_000_000, "TB", ["0", "2,500", "5,000", "7,500", "10,000"]),
    ],
)
def test_axes_begin_at_zero(most: int, top: int, unit: str, ticks: list[str]) -> None:
    """An axis goes from zero to a round number above the largest value, in a unit that people read."""
    with translation.override("en"):
        scale = plots.of_bytes(most)
        words = [scale.words(scale.step * number) for number in range(round(scale.top / scale.step) + 1)]
    assert (scale.top, scale.unit, words) == (pytest.approx(top), unit, ticks)


def test_labels_stand_apart() -> None:
    """Curves that end at the same height have labels that can both be read, inside of the drawing."""
    days = [TODAY - timedelta(days=number) for number in range(9, -1, -1)]
    for level in (0, 5, 10):
        curves = [plots.Series(name, [10 if name == "top" else level] * 10, 1) for name in ("top", "a", "b")]
        plot = plots.Plot("x", "x", days, curves, plots.of_bytes, str)
        for width, drawing in plot.drawings:
            places = sorted(curve.label.y for curve in drawing.curves)
            assert all(lower - upper >= plots.LINE_HEIGHT for upper, lower in pairwise(places)), width
            assert 0 < places[0] <= places[-1] <= drawing.box.height


@pytest.mark.django_db
def test_a_page_draws_them(kept: Kept, client_of: ClientOf) -> None:
    """The pages of a repository and of a source draw three plots, each well-formed at two widths, with the numbers."""
    for days in range(40, 0, -3):
        snapshot(kept.repository, "pharmacy & co", days=days, bytes=(100 - days) << 20)
    Repository.objects.update(quota=(1 << 30) + (30 << 20), used=1 << 30)
    client = client_of("monitor")
    for address in (url(kept), url(kept, "pharmacy %26 co")):
        page = client.get(address).content.decode()
        drawings = re.findall(r"<svg class=\"plot-(?:wide|narrow)\".*?</svg>", page, re.DOTALL)
        assert len(drawings) == 6
        assert all(defusedxml.ElementTree.fromstring(drawing) is not None for drawing in drawings)
        assert "style=" not in "".join(drawings)
        assert page.count('<tr role="row">') > 40
    assert client.get(url(kept, "nobody")).status_code == 404
    assert "rien n’est oublié" in client.get(url(kept)).content.decode(), "when it will be full"
    text = client.get(url(kept) + "?export=csv").content.decode("utf-8-sig")
    assert len(text.splitlines()) == 42
    assert text.splitlines()[-1].startswith(f"{timezone.localdate().isoformat()};0;{99 << 20};0;")
