"""Sets of worked cases: the list with its runs, a new set, one set."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from core import access, audit
from core.access.models import Project
from core.errors import Conflict, Invalid
from core.files import taking
from core.web.forms import show_faults
from core.web.table import Column, Table
from core.web.views import page, reads, writes
from prescriptions import permissions, queries, readers, services
from prescriptions.models import CaseSet
from prescriptions.services.documents import UNSURE
from prescriptions.services.evaluation import LARGEST, LARGEST_ARCHIVE, OWN_NAMES
from prescriptions.web.figures import share
from prescriptions.web.places import project_of


class SetForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name of the set"),
        max_length=80,
        help_text=gettext_lazy("It is shown in lists: no patient’s name in it."),
    )
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy(
            "JSON lines (.jsonl), at most 10 MB and 5,000 cases: id, type (line or prescription), text, expected; "
            "where you have them category, noise, condition, read, spans. For pages a ZIP of at most 200 MB: "
            "cases.jsonl, and the images or PDFs that its cases name by page. All of it is encrypted."
        ),
        validators=[taking.Takes(taking.Kind.JSON, taking.Kind.ZIP)],
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > (LARGEST_ARCHIVE if is_archive(file) else LARGEST):
            raise forms.ValidationError(_("The file is larger than 10 MB, or 200 MB with its pages."), "too_large")
        return file


def is_archive(file: Any) -> bool:
    """Whether a file that was checked holds a set with its pages."""
    return str(file.name).lower().endswith(".zip")


class RunForm(forms.Form):
    model = forms.ChoiceField(label=gettext_lazy("Reader"))
    threshold = forms.FloatField(
        label=gettext_lazy("Threshold"),
        min_value=0.01,
        max_value=1,
        initial=UNSURE,
        help_text=gettext_lazy("Below it a field is marked as to be checked: 0.8 in the review."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["model"].choices = [(name, model.label) for name, model in readers.available().items()]  # type: ignore[attr-defined]


RUN_COLUMNS = (
    Column("run", gettext_lazy("Run"), str, link=True),
    Column("set", gettext_lazy("Set of cases"), "case_set.name", sort=("case_set__name",)),
    Column("reader", gettext_lazy("Reader"), lambda run: str(label(run.model)), sort=("model",)),
    Column(
        "created", gettext_lazy("Asked on"), "created_at", sort=("created_at",),
        template="prescriptions/cells/asked.html",
    ),
    Column("exact", gettext_lazy("Lines read exactly"), lambda run: share(run.line_exact), sort=("line_exact",),
           numeric=True),
    Column("silent", gettext_lazy("Silent errors"), "silent", sort=("silent",), numeric=True),
)  # fmt: skip


def label(model: str) -> Any:
    """A reader's name; its key where this instance no longer knows it."""
    known = readers.MODELS.get(model)
    return known.label if known else model


def evaluator(request: HttpRequest, slug: str) -> Project:
    """The project, for those who may evaluate in it."""
    found = project_of(request.user, slug)
    access.require(request.user, permissions.EVALUATE, found)
    return found


def set_of(request: HttpRequest, project: Project, pk: UUID) -> CaseSet:
    found: CaseSet = access.fetch(
        CaseSet.objects.filter(project=project).select_related("author", "project"), request.user, pk=pk
    )
    return found


@reads
def home(request: HttpRequest, project: str) -> HttpResponse:
    """The sets and the latest runs."""
    found = evaluator(request, project)
    table = Table(
        request,
        queries.runs(request.user, found),
        RUN_COLUMNS,
        name="runs",
        caption=pgettext("of an evaluation", "Runs"),
        order=("-created_at",),
        empty={
            "icon": "chart-dots",
            "title": pgettext("of an evaluation", "No run yet"),
            "text": _("A run reads every case of a set and shows what was right, wrong, and silently wrong."),
        },
    )
    sets = list(queries.case_sets(request.user, found))
    kept = {one.name for one in sets if one.origin == CaseSet.Origin.OWN}
    offered = [(key, name) for key, name in OWN_NAMES.items() if str(name) not in kept]
    return table.respond("prescriptions/evaluation.html", {"project": found, "sets": sets, "offered": offered})


@page
def new_set(request: HttpRequest, project: str) -> HttpResponse:
    """Upload a set."""
    found = evaluator(request, project)
    form = SetForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        name, file = form.cleaned_data["name"], form.cleaned_data["file"]
        try:
            if is_archive(file):
                made = services.add_pages(request.user, found, name, file)
            else:
                made = services.add_set(request.user, found, name, file.read())
        except Invalid as error:
            show_faults(form, error)
        except Conflict as error:
            form.add_error("name", str(error.message))
        else:
            return redirect(made)
    return render(
        request, "prescriptions/case_set_new.html", {"project": found, "form": form}, status=422 if form.errors else 200
    )


@writes
def own_set(request: HttpRequest, project: str) -> HttpResponse:
    """Keep one of the suite's own sets."""
    found = evaluator(request, project)
    try:
        return redirect(services.add_own_set(request.user, found, request.POST.get("which", "")))
    except (Invalid, Conflict) as error:
        messages.error(request, str(error.message or _("There is no such set.")))
        return redirect("prescriptions:evaluation", found.slug)


@page
def case_set(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """One set: its runs, and a new one."""
    found = evaluator(request, project)
    held = set_of(request, found, pk)
    form = RunForm(request.POST or None, initial={"model": "grammar", "threshold": UNSURE})
    if request.method == "POST" and form.is_valid():
        try:
            run, _job = services.start_run(
                request.user, held, form.cleaned_data["model"], form.cleaned_data["threshold"]
            )
        except Invalid as error:
            show_faults(form, error)
        else:
            return redirect(run)
    table = Table(
        request, queries.runs(request.user, found).filter(case_set=held),
        [column for column in RUN_COLUMNS if column.key != "set"],
        name="runs", caption=pgettext("of an evaluation", "Runs"), order=("-number",),
        empty={"icon": "chart-dots", "title": pgettext("of an evaluation", "No run yet"),
               "text": _("Choose a reader and start.")},
    )  # fmt: skip
    if request.method != "POST":
        audit.record(request.user, "prescriptions.case_set_read", held)
        return table.respond("prescriptions/case_set.html", {"project": found, "set": held, "form": form})
    context = {"project": found, "set": held, "form": form, "table": table}
    return render(request, "prescriptions/case_set.html", context, status=422)


@writes
def delete_set(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    found = evaluator(request, project)
    services.delete_set(request.user, set_of(request, found, pk))
    messages.success(request, _("The set is deleted with its runs."))
    return redirect(reverse("prescriptions:evaluation", args=[found.slug]))
