"""Run quality rules over all records of a form."""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import astuple, dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import access, audit, jobs
from ecrf import permissions
from ecrf.engine.quality import Fences, Found, fences
from ecrf.models import Entry, QualityResult, QualityRule, QualityRun
from ecrf.services.quality import exclusions_of, findings_of, number_at, outlier, own_rules

LINES = 200
MOST_RESULTS = 10_000
"""So many findings of one rule are kept, the first; the counts are those of all."""


@dataclass
class Collected:
    """What a run has found so far."""

    counts: Counter[str] = field(default_factory=Counter)
    aside: Counter[str] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)
    numbers: defaultdict[str, tuple[array[float], list[UUID]]] = field(
        default_factory=lambda: defaultdict(lambda: (array("d"), []))
    )
    """The numbers of each item at each event, and whose they are."""

    def take(self, run: QualityRun, entry: Entry, one: Found, *, aside: bool) -> QualityResult | None:
        (self.aside if aside else self.counts)[one.rule] += 1
        if self.kept[one.rule] >= MOST_RESULTS:
            return None
        self.kept[one.rule] += 1
        return QualityResult(
            run=run, rule=one.rule, entry=entry, page=one.page, item=one.item, row=one.row, code=one.code,
            params=dict(one.params), aside=aside,
        )  # fmt: skip


@jobs.task(
    "ecrf.run_quality",
    label=gettext_lazy("Run quality rules"),
    queue="heavy",
    limit=timedelta(hours=2),
    needs=permissions.QUALITY,
)
def run_quality(run: jobs.Run, *, run_id: str) -> dict[str, Any]:
    """Open and examine each record; begun again after a crash, what was found before is forgotten first."""
    found: QualityRun = access.fetch(
        QualityRun.objects.select_related("form__project", "form__current"), run.actor, pk=run_id
    )
    if found.finished_at is None:
        with run.fenced():
            QualityResult.objects.filter(run=found).delete()
        examine_all(run, found)
    return {
        "rows": found.entries,
        "found": sum(found.counts.values()),
        "url_name": "ecrf:quality_run",
        "url_args": [found.form.project.slug, str(found.pk)],
    }


def examine_all(run: jobs.Run, quality: QualityRun) -> None:
    entries = Entry.objects.visible_to(run.actor).filter(form=quality.form, removed_at=None)
    total, done, collected = entries.count(), 0, Collected()
    own = [rule for rule in own_rules(quality.form) if str(rule.pk) in quality.rules]
    for some in pieces(entries):
        with run.fenced():
            QualityResult.objects.bulk_create(found_in(quality, some, own, collected))
        done += len(some)
        run.progress(done, total, _("Opening and checking the records"))
    limits = outlying(run, quality, collected) if "E" in quality.rules else {}
    with run.fenced():
        quality.counts, quality.aside = dict(collected.counts), dict(collected.aside)
        quality.entries, quality.finished_at = done, timezone.now()
        quality.fences = {key: astuple(one) for key, one in limits.items()}
        quality.save()
        audit.record(
            run.actor, "ecrf.quality_run_done", quality, form=quality.form.key, rows=done,
            found=sum(collected.counts.values()),
        )  # fmt: skip


def pieces(entries: Any) -> Iterator[list[Entry]]:
    related = ("subject__project", "subject__site", "form", "version")
    some: list[Entry] = []
    for entry in entries.select_related(*related).order_by("pk").iterator(chunk_size=LINES):
        some.append(entry)
        if len(some) == LINES:
            yield some
            some = []
    if some:
        yield some


def found_in(
    quality: QualityRun, some: list[Entry], own: list[QualityRule], collected: Collected
) -> list[QualityResult]:
    aside = exclusions_of(some)
    results = []
    numeric = [item.key for item in quality.form.published.loaded.items.values() if item.kind in ("integer", "decimal")]
    for entry in some:
        for one in findings_of(entry, quality.form, own, quality.rules):
            put_aside = (entry.pk, one.rule, one.item, one.row) in aside
            results.append(collected.take(quality, entry, one, aside=put_aside))
        if "E" in quality.rules:
            for item in numeric:
                if (number := number_at(entry, item)) is not None:
                    values, whose = collected.numbers[f"{item}@{entry.event}"]
                    values.append(number)
                    whose.append(entry.pk)
    return [one for one in results if one is not None]


def outlying(run: jobs.Run, quality: QualityRun, collected: Collected) -> dict[str, Fences]:
    """Rule E, once all numbers are known."""
    limits: dict[str, Fences] = {}
    for key, (values, whose) in sorted(collected.numbers.items()):
        fence = fences(values, quality.method, quality.factor)  # type: ignore[arg-type]
        if fence is None:
            continue
        limits[key] = fence
        item = key.partition("@")[0]
        out = [pk for pk, value in zip(whose, values, strict=True) if fence.out(value)]
        for start in range(0, len(out), LINES):
            rows = Entry.objects.filter(pk__in=out[start : start + LINES])
            some = list(rows.select_related("subject__project", "subject__site", "form", "version"))
            aside = exclusions_of(some)
            one = outlier(item, quality.form.published.loaded.items[item].page, fence)
            results = [collected.take(quality, entry, one, aside=(entry.pk, "E", item, "") in aside) for entry in some]
            with run.fenced():
                QualityResult.objects.bulk_create([result for result in results if result is not None])
    return limits
