"""Fictitious ordonnances: the sets there are, a new one with a look at what it would be, one set."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from core import access, audit
from core.access.models import Project
from core.errors import Conflict, Invalid
from core.files import downloads
from core.jobs.models import Job
from core.web.forms import show_faults
from core.web.table import Column, Table
from core.web.views import page, reads, writes
from prescriptions import making, permissions, queries, services
from prescriptions.engine.synthetic.privacy import words
from prescriptions.engine.synthetic.profiles import MIX
from prescriptions.models import Generation
from prescriptions.services.evaluation import MOST_CASES
from prescriptions.services.synthetic import LONGEST_SEED, MOST
from prescriptions.web.places import project_of

PREVIEWED = 3
PROFILES = {
    "general": gettext_lazy("General practice"),
    "paediatrics": gettext_lazy("Paediatrics"),
    "cardiology": gettext_lazy("Cardiology"),
    "diabetes": gettext_lazy("Diabetes"),
    "palliative": gettext_lazy("Palliative care"),
    "discharge": gettext_lazy("Discharge from hospital"),
    "narcotics": gettext_lazy("Narcotics, on the secure form"),
    "care-home": gettext_lazy("Care home"),
    "ophthalmology": gettext_lazy("Ophthalmology"),
    "dermatology": gettext_lazy("Dermatology"),
}
FORMATS = {
    "brat": gettext_lazy("BRAT annotations"),
    "fhir": gettext_lazy("FHIR R4 bundles"),
    "pages": gettext_lazy("Pages: PDF, images, and boxes (COCO)"),
}
WEARS = {
    "mixed": gettext_lazy("Mixed, as they come in"),
    "clean": gettext_lazy("Clean"),
    "scan": gettext_lazy("Scanned"),
    "fold+scan": gettext_lazy("Folded, then scanned"),
    "stamp+scan": gettext_lazy("Stamped, then scanned"),
    "stain+scan": gettext_lazy("Stained, then scanned"),
    "fax": gettext_lazy("Faxed"),
    "photo": gettext_lazy("Photographed"),
    "fold+photo": gettext_lazy("Folded, then photographed"),
}
COLUMNS = (
    Column("set", gettext_lazy("Set"), str, link=True),
    Column("count", gettext_lazy("Prescriptions"), "count", sort=("count",), numeric=True),
    Column("seed", gettext_lazy("Seed"), "seed"),
    Column("created", gettext_lazy("Asked for on"), "created_at", sort=("created_at",),
           template="prescriptions/cells/generation.html"),
    Column("state", gettext_lazy("State"), "working", template="prescriptions/cells/generation_state.html"),
)  # fmt: skip


class WantedForm(forms.Form):
    """What a set is to be."""

    count = forms.IntegerField(
        label=gettext_lazy("Number of prescriptions"),
        min_value=1,
        max_value=MOST,
        initial=100,
        help_text=gettext_lazy("Up to 100,000; with pages up to 2,000, for each takes a second or two."),
    )
    profiles = forms.MultipleChoiceField(
        label=gettext_lazy("Profiles"), choices=[*PROFILES.items()], widget=forms.CheckboxSelectMultiple,
        initial=[*MIX], help_text=gettext_lazy("Who writes, for whom, and which medicines."),
    )  # fmt: skip
    formats = forms.MultipleChoiceField(
        label=gettext_lazy("Besides JSON lines"), choices=[*FORMATS.items()], widget=forms.CheckboxSelectMultiple,
        initial=["brat", "fhir"], required=False,
    )  # fmt: skip
    wear = forms.ChoiceField(
        label=gettext_lazy("State of the pages"), choices=[*WEARS.items()],
        help_text=gettext_lazy("What the paper went through before it was read. Only with pages."),
    )  # fmt: skip
    seed = forms.CharField(
        label=gettext_lazy("Seed"), max_length=LONGEST_SEED, initial="1",
        help_text=gettext_lazy("Letters and digits. The same seed and settings give the same prescriptions again."),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors:
            for fault in services.Wanted(**data).faults():
                self.add_error(fault.place, str(fault.message))
        return data


class UseForm(forms.Form):
    """Which cases become a set for evaluation."""

    name = forms.CharField(label=gettext_lazy("Name of the set"), max_length=80)
    kind = forms.ChoiceField(
        label=gettext_lazy("Cases"),
        choices=[("line", gettext_lazy("Lines")), ("prescription", gettext_lazy("Whole prescriptions"))],
    )
    split = forms.ChoiceField(
        label=gettext_lazy("Part"), required=False, initial="test",
        choices=[("test", gettext_lazy("Test")), ("dev", gettext_lazy("Development")),
                 ("train", gettext_lazy("Training")), ("", gettext_lazy("All parts"))],
        help_text=gettext_lazy("No brand, wording or letterhead of one part is in another."),
    )  # fmt: skip
    count = forms.IntegerField(label=gettext_lazy("At most"), min_value=1, max_value=MOST_CASES, initial=1000)


def maker(request: HttpRequest, slug: str) -> Project:
    """The project, for those who may generate in it."""
    found = project_of(request.user, slug)
    access.require(request.user, permissions.GENERATE, found)
    return found


def generation_of(request: HttpRequest, project: Project, pk: UUID) -> Generation:
    found: Generation = access.fetch(queries.generations(request.user, project), request.user, pk=pk)
    return found


@reads
def listing(request: HttpRequest, project: str) -> HttpResponse:
    """The sets there are."""
    found = maker(request, project)
    table = Table(
        request, queries.generations(request.user, found), COLUMNS,
        name="generations", caption=_("Sets of fictitious prescriptions"), order=("-created_at",),
        empty={
            "icon": "wand",
            "title": _("No set yet"),
            "text": _("A set is invented prescriptions whose truth is known to the letter: to train, to test, to teach "
                      "without any patient."),
        },
    )  # fmt: skip
    return table.respond("prescriptions/synthetic.html", {"project": found})


@page
def new(request: HttpRequest, project: str) -> HttpResponse:
    """Say what is wanted, look at the first few, start."""
    found = maker(request, project)
    form = WantedForm(request.POST or None)
    context: dict[str, Any] = {"project": found, "form": form}
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if "preview" not in request.POST:
            try:
                return redirect(services.start_generation(request.user, found, services.Wanted(**data))[0])
            except Invalid as error:
                show_faults(form, error)
        else:
            asked = {key: data[key] for key in ("seed", "profiles", "wear")}
            context["documents"] = [
                (document, PROFILES[document.profile])
                for document in making.preview(data["seed"], data["profiles"], PREVIEWED)
            ]
            if "pages" in data["formats"]:
                address = reverse("prescriptions:preview_generation", args=[found.slug])
                context["picture"] = f"{address}?{urlencode(asked, doseq=True)}"
    return render(request, "prescriptions/synthetic_new.html", context, status=422 if form.errors else 200)


@reads
def preview(request: HttpRequest, project: str) -> HttpResponse:
    """The first page that such a set would have."""
    maker(request, project)
    profiles, wear = request.GET.getlist("profiles"), request.GET.get("wear", "mixed")
    wanted = services.Wanted(1, request.GET.get("seed", "1"), profiles or [*MIX], ("pages",), wear)
    if wanted.faults():
        raise Http404
    kind, content = making.first_page(wanted.seed, wanted.profiles, wanted.wear)
    return HttpResponse(content, content_type=kind, headers={"Cache-Control": "private, no-store"})


@page
def show(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """One set: how far it is, or its figures, its report, its files; cases of it become a set for evaluation."""
    found = maker(request, project)
    held = generation_of(request, found, pk)
    form = UseForm(request.POST or None, initial={"name": f"{_('Fictitious prescriptions')} {held.number}"})
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(services.use_generation(request.user, held, **form.cleaned_data))
        except Invalid as error:
            show_faults(form, error)
        except Conflict as error:
            form.add_error("name", str(error.message))
    context: dict[str, Any] = {
        "project": found,
        "held": held,
        "form": form,
        "may_evaluate": access.can(request.user, permissions.EVALUATE, found),
        "job": Job.objects.filter(pk=held.job_id).first() if held.job_id and not held.finished_at else None,
        "profiles": [PROFILES[name] for name in held.profiles],
        "formats": [FORMATS[name] for name in held.formats],
        "wear": WEARS[held.wear] if "pages" in held.formats else None,
        **(shown(held.report) if held.report else {}),
    }
    return render(request, "prescriptions/synthetic_set.html", context, status=422 if form.errors else 200)


def shown(report: dict[str, Any]) -> dict[str, Any]:
    """The privacy report in words."""
    language = "fr" if (get_language() or "fr").startswith("fr") else "en"
    return {
        "report": report,
        "checks": [(check, *words.CHECKS[language][check["key"]]) for check in report["checks"]],
        "tables": words.tables(report, language),
    }


@reads
def file(request: HttpRequest, project: str, pk: UUID) -> HttpResponseBase:
    """The archive of a set."""
    held = generation_of(request, maker(request, project), pk)
    if held.file is None:
        raise Http404
    if downloads.is_new(request, held.file):
        audit.record(request.user, "prescriptions.generation_downloaded", held, documents=held.count)
    return downloads.send(request, held.file, name=held.file.name, media_type="application/zip")


@writes
def delete(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """Remove a set."""
    found = maker(request, project)
    try:
        services.delete_generation(request.user, generation_of(request, found, pk))
    except Conflict as error:
        messages.error(request, str(error.message))
        return redirect("prescriptions:generation", found.slug, pk)
    messages.success(request, _("The set is deleted. Datasets and sets of cases made of it stay."))
    return redirect("prescriptions:synthetic", found.slug)
