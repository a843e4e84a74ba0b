"""One run: its figures, its cases, its files; and two runs side by side."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import access, audit
from core.access.models import Project
from core.jobs.models import Job
from core.web.export import csv_file
from core.web.table import Column, Filter, Table
from core.web.views import reads
from prescriptions import queries
from prescriptions.engine.evaluation.comparison import compare as compare_runs
from prescriptions.models import Run, RunCase
from prescriptions.web import figures
from prescriptions.web.evaluation import evaluator, label
from prescriptions.web.outcomes import compared


def run_of(request: HttpRequest, project: Project, pk: UUID) -> Run:
    rows = Run.objects.filter(case_set__project=project).select_related("case_set__project", "author")
    found: Run = access.fetch(rows, request.user, pk=pk)
    return found


def finished(request: HttpRequest, slug: str, pk: UUID) -> tuple[Project, Run]:
    """A run that has its figures: 404 until then."""
    project = evaluator(request, slug)
    run = run_of(request, project, pk)
    if run.report is None:
        raise Http404
    return project, run


@reads
def show(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """The figures of a run; until it is done, how far it is."""
    found = evaluator(request, project)
    run = run_of(request, found, pk)
    job = Job.objects.filter(subject_type=run._meta.label_lower, subject_id=str(run.pk)).order_by("-created_at").first()
    context: dict[str, Any] = {"project": found, "run": run, "job": job, "reader": label(run.model)}
    if run.report is not None:
        audit.record(request.user, "prescriptions.run_read", run)
        report = run.report
        context |= {
            "report": report,
            "verdict": figures.verdict(report),
            "keys": figures.key_figures(report),
            "fields": figures.field_sheet(report),
            "bars": figures.bars(report),
            "drawn": [figures.reliability(report), figures.coverage(report)],
            "sheets": [*figures.group_sheets(report),
                       *filter(None, (figures.coding_sheet(report), figures.span_sheet(report),
                                      figures.optical_sheet(report)))],
            "speed": round(report["lines"] / run.seconds) if run.seconds else None,
            "others": queries.runs(request.user, found).filter(case_set=run.case_set, finished_at__isnull=False)
                .exclude(pk=run.pk).order_by("-number")[:20],
        }  # fmt: skip
    return render(request, "prescriptions/run.html", context)


COLUMNS = (
    Column("case", gettext_lazy("Case"), lambda row: row.outcome["id"], template="prescriptions/cells/case.html",
           fixed=True),
    Column("text", gettext_lazy("Text"), lambda row: row.outcome["text"][:160],
           template="prescriptions/cells/case_text.html"),
    Column("wrong", gettext_lazy("Wrong fields"), "wrong", template="prescriptions/cells/wrong.html"),
)  # fmt: skip
KINDS = {
    "wrong": (gettext_lazy("Wrong"), Q(exact=False)),
    "silent": (gettext_lazy("Silently wrong"), Q(silent=True)),
    "magnitude": (gettext_lazy("Ten or a thousand times off"), Q(magnitude__gt=0)),
    "exact": (gettext_lazy("Exact"), Q(exact=True)),
}


@reads
def cases(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """The cases of a run, by what is wrong in them."""
    found, run = finished(request, project, pk)
    audit.record(request.user, "prescriptions.run_read", run, cases=run.case_set.count)
    names = sorted({name for names in queries.cases_of(run).values_list("wrong", flat=True) for name in names})
    groups = [
        (str(place), figures.category(group["group"])) for place, group in enumerate(run.report["groups"]["category"])
    ]
    table = Table(
        request,
        queries.cases_of(run),
        COLUMNS,
        name="cases",
        caption=_("Cases"),
        filters=(
            Filter("kind", _("Result"), [(key, word) for key, (word, _q) in KINDS.items()],
                   lambda rows, value: rows.filter(KINDS[value][1])),
            Filter("field", _("Wrong field"), [(name, figures.FIELDS.get(name, name)) for name in names],
                   lambda rows, value: rows.filter(wrong__contains=[value])),
            *([Filter("category", _("Category"), groups, "category")] if len(groups) > 1 else []),
        ),
        order=("-silent", "-magnitude", "exact", "position"),
        per_page=25,
        empty={"icon": "circle-check", "title": _("No case"), "text": ""},
    )  # fmt: skip
    return table.respond("prescriptions/run_cases.html", {"project": found, "run": run})


@reads
def case(request: HttpRequest, project: str, pk: UUID, position: int) -> HttpResponse:
    """One case: its text, and field by field what was expected and what was read."""
    found, run = finished(request, project, pk)
    row = get_object_or_404(queries.cases_of(run), position=position)
    audit.record(request.user, "prescriptions.run_read", run, line=position)
    wrong = queries.cases_of(run).filter(exact=False)
    outcome = row.outcome
    context = {
        "project": found,
        "run": run,
        "row": row,
        "outcome": outcome,
        "lines": [compared(line, run.threshold) for line in outcome["lines"]],
        "document_wrong": [figures.FIELDS.get(name, name) for name in outcome["document_wrong"]],
        "before": wrong.filter(position__lt=position).order_by("-position").values_list("position", flat=True).first(),
        "after": wrong.filter(position__gt=position).values_list("position", flat=True).first(),
    }
    return render(request, "prescriptions/run_case.html", context)


@reads
def export(request: HttpRequest, project: str, pk: UUID, kind: str) -> HttpResponse:
    """The results as a file: CSV with a row for each line and no text, JSON with the figures and the cases."""
    _project, run = finished(request, project, pk)
    audit.record(request.user, "prescriptions.run_exported", run, format=kind, cases=run.case_set.count)
    name = f"run-{run.number}"
    if kind == "csv":
        heads = ("case", "category", "noise", "line", "exact", "wrong", "silent", "factor", "confidence", *RANKS)
        return csv_file(name, heads, _rows(run))
    answer = JsonResponse({
        "set": run.case_set.name, "digest": run.case_set.digest, "model": run.model, "reference": run.reference,
        "report": run.report, "cases": [row.outcome for row in queries.cases_of(run)],
    }, json_dumps_params={"ensure_ascii": False})  # fmt: skip
    answer["Content-Disposition"] = f'attachment; filename="{name}.json"'
    return answer


RANKS = ("atc_level", "atc_rank", "cis_rank")
"""Of a line in the CSV file: levels of its ATC code that are right, places of the right codes (0: nowhere)."""


def _rows(run: Run) -> Iterator[tuple[Any, ...]]:
    for row in queries.cases_of(run):
        outcome = row.outcome
        for place, line in enumerate(outcome["lines"], 1):
            wrong = bool(line["wrong"]) or line["got"] is None or line["expected"] is None
            silent = wrong and line["got"] is not None and line["confidence"] >= run.threshold
            yield (outcome["id"], outcome["category"], outcome["noise"], place, int(not wrong), " ".join(line["wrong"]),
                   int(silent), line["factor"], line["confidence"], *(line[rank] for rank in RANKS))  # fmt: skip


@reads
def compare(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """This run beside an earlier one over the same set, named by `?with=`."""
    found, run = finished(request, project, pk)
    try:
        other_pk = UUID(request.GET.get("with", ""))
    except ValueError:
        return redirect(run)
    _project, other = finished(request, project, other_pk)
    if other.case_set_id != run.case_set_id:
        raise Http404
    before, after = (dict(_exact(each)) for each in (other, run))
    result = compare_runs(before, after)
    audit.record(request.user, "prescriptions.run_read", run)
    keys = zip(figures.key_figures(other.report), figures.key_figures(run.report), strict=True)
    context = {
        "project": found,
        "run": run,
        "other": other,
        "keys": list(keys),
        "result": result,
        "better": [int(key) for key in result.better],
        "worse": [int(key) for key in result.worse],
        "readers": (label(other.model), label(run.model)),
    }
    return render(request, "prescriptions/run_compare.html", context)


def _exact(run: Run) -> Iterator[tuple[str, bool]]:
    for position, exact in RunCase.objects.filter(run=run).order_by("position").values_list("position", "exact"):
        yield str(position), exact
