"""A reader over the cases of a set, as a job: judged in memory, kept whole at the end."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from time import perf_counter
from typing import IO, Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import audit, files, jobs
from prescriptions import paged, permissions, readers, reference
from prescriptions.engine.evaluation.outcome import Outcome, judge
from prescriptions.engine.evaluation.report import is_silent, report
from prescriptions.models import CaseSet, Run, RunCase, SetCase

EVERY = 100
"""Cases between two words of progress."""


@jobs.task(
    "prescriptions.evaluate", label=gettext_lazy("Evaluate a reader of prescriptions"),
    queue="heavy", limit=timedelta(hours=4), needs=permissions.EVALUATE,
)  # fmt: skip
def evaluate(run: jobs.Run, *, run_id: str) -> dict[str, Any]:
    """Every case read and judged, its page first where it has one; the results are written in one transaction."""
    held = Run.objects.select_related("case_set__project", "case_set__pages__project").get(pk=run_id)
    result = {"url_name": "prescriptions:run", "url_args": [held.project.slug, str(held.pk)]}
    if held.finished_at is not None:
        return result | {"lines": held.case_set.count}
    name, edition = reference.in_use()
    read = readers.MODELS[held.model].make(edition)
    outcomes: list[tuple[SetCase, Outcome]] = []
    seconds = 0.0
    total = held.case_set.count
    with pages_of(held.case_set) as pages:
        for done, row in enumerate(SetCase.objects.filter(case_set=held.case_set).order_by("position").iterator(500)):
            row.case_set = held.case_set
            case, scan = row.case, None
            if done % EVERY == 0 or case.page:
                run.progress(done, total, _("Reading the cases"))
            if case.page and pages is not None:
                case, scan = paged.read(pages, case)
            started = perf_counter()
            reading = read(case, scan)
            seconds += perf_counter() - started
            outcomes.append((row, judge(case, reading)))
    run.progress(total, total, _("Computing the figures"))
    shown = report([outcome for _row, outcome in outcomes], threshold=held.threshold)
    places = {group["group"]: place for place, group in enumerate(shown["groups"]["category"])}
    rows = [_row(held, row, outcome, places.get(outcome.category, 0)) for row, outcome in outcomes]
    with run.fenced():
        RunCase.objects.filter(run=held).delete()
        RunCase.objects.bulk_create(rows, batch_size=500)
        held.report, held.reference, held.seconds = shown, name, round(seconds, 3)
        held.line_exact, held.silent, held.finished_at = shown["line_exact"], shown["silent"], timezone.now()
        held.save()
        audit.record(run.actor, "prescriptions.run_finished", held, cases=total, lines=shown["lines"])
    return result | {"lines": shown["lines"]}


def pages_of(case_set: CaseSet) -> AbstractContextManager[IO[bytes] | None]:
    """The archive of the pages of a set, opened; None where it has none."""
    return nullcontext() if case_set.pages is None else files.open(case_set.pages)


def _row(run: Run, row: SetCase, outcome: Outcome, category: int) -> RunCase:
    silent = [line for line in outcome.lines if is_silent(line, run.threshold)]
    wrong = sorted({name for line in outcome.lines for name in line.wrong} | set(outcome.document_wrong))
    return RunCase(
        run=run,
        set_case=row,
        position=row.position,
        exact=outcome.is_exact,
        silent=bool(silent),
        category=category,
        magnitude=max((line.factor for line in outcome.lines), default=0),
        wrong=[name[:40] for name in wrong][:40],
        outcome=outcome.as_json(),
    )
