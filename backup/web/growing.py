"""The plots of a repository or a source: what is held and taken, what each week adds, what deduplication spares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backup.queries import Step, first_day
from backup.web.plots import Plot, Series, of_bytes, of_times
from core.web.templatetags.web import number, size

LONGEST = timedelta(days=730)
"""What plots go back to; what came before counts in where they begin."""
BY_DAY = 92
"""Days that are shown one by one; more are shown by weeks."""
CSV = (
    gettext_lazy("Until"),
    gettext_lazy("Backups"),
    gettext_lazy("Newest backups hold (bytes)"),
    gettext_lazy("Added (bytes)"),
    gettext_lazy("Added since the first (bytes)"),
    gettext_lazy("New content (bytes)"),
    gettext_lazy("Of it incompressible (bytes)"),
    gettext_lazy("Changed files"),
    gettext_lazy("Deduplication (times)"),
    gettext_lazy("Compression (times)"),
)


@dataclass(frozen=True)
class Span:
    """A day or a week, and how things stood at its end."""

    day: date
    """Its last one."""
    count: int
    held: int
    added: int
    stored: int
    fresh: int
    dense: int
    changed: int
    saved: int
    """Bytes that all backups so far have read, whether or not they were held already."""
    fresh_so_far: int

    @property
    def dedup(self) -> float | None:
        """How many times as much was saved as was new."""
        return self.saved / self.fresh_so_far if self.fresh_so_far else None

    @property
    def compression(self) -> float | None:
        """How many times smaller what was new is stored."""
        return self.fresh_so_far / self.stored if self.fresh_so_far and self.stored else None

    @property
    def row(self) -> list[object]:
        """As CSV."""
        shares = ["" if share is None else f"{share:.2f}" for share in (self.dedup, self.compression)]
        numbers = (self.count, self.held, self.added, self.stored, self.fresh, self.dense, self.changed)
        return [self.day.isoformat(), *numbers, *shares]


def spans(steps: Sequence[Step], today: date) -> list[Span]:
    """One after the other, without a gap, up to today; none where two days haven't passed."""
    first = first_day(steps, today, LONGEST)
    days = (today - first).days
    if days < 2:
        return []
    width = 1 if days < BY_DAY else 7
    found: list[Span] = []
    held = stored = saved = fresh = 0
    place = 0
    last = first + timedelta(days=days % width)
    while last <= today:
        count = added = new = dense = changed = 0
        while place < len(steps) and steps[place].day <= last:
            step = steps[place]
            held, stored, saved, fresh = held + step.grown, stored + step.added, saved + step.read, fresh + step.fresh
            if step.day > last - timedelta(days=width):
                count, added, new = count + step.count, added + step.added, new + step.fresh
                dense, changed = dense + step.dense, changed + step.changed
            place += 1
        found.append(Span(last, count, held, added, stored, new, dense, changed, saved, fresh))
        last += timedelta(days=width)
    return found


def plots(found: Sequence[Span]) -> list[Plot]:
    days = [each.day for each in found]
    by_week = len(found) > 1 and (found[1].day - found[0].day).days == 7
    return [
        held_and_taken(found),
        Plot(
            "added",
            _("Added each week") if by_week else _("Added each day"),
            days,
            [Series(_("add"), [each.added for each in found], 1)],
            of_bytes,
            lambda value: size(round(value)),
            are_bars=True,
        ),
        Plot(
            "spared",
            _("What deduplication and compression spare"),
            days,
            [
                Series(_("deduplication"), [each.dedup for each in found], 1),
                Series(_("compression"), [each.compression for each in found], 6, is_dashed=True),
            ],
            of_times,
            lambda value: f"× {number(value, 1)}".replace(" ", "\N{NO-BREAK SPACE}"),
        ),
    ]


def held_and_taken(found: Sequence[Span]) -> Plot:
    return Plot(
        "growth",
        _("What is saved, and what it takes"),
        [each.day for each in found],
        [
            Series(_("hold"), [each.held for each in found], 1),
            Series(_("take"), [each.stored for each in found], 6, is_dashed=True),
        ],
        of_bytes,
        lambda value: size(round(value)),
    )
