"""The consents of a project: the list, one with its document, its withdrawal, asking again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from core import access, audit
from core.access.models import Project, Site
from core.errors import Conflict, Invalid
from core.files import downloads
from core.web.table import Column, Filter, Table
from core.web.views import reads, writes
from ecrf import consents, permissions, services
from ecrf.models import Consent, Form
from ecrf.models.forms import reader_language
from ecrf.web.places import project_of
from ecrf.web.tabs import tabs

PDF = "application/pdf"


def forms_of(project: Project) -> list[Form]:
    return list(consents.with_consents(project).select_related("current"))


@reads
def listing(request: HttpRequest, project: str) -> HttpResponse:
    """Each consent that the reader may see, and how many subjects of each site have one."""
    found = project_of(request.user, project)
    access.require(request.user, permissions.READ, found)
    forms = forms_of(found)
    sheets = consents.sheets_of(forms)
    rows = consents.consents_of(request.user, found, forms)
    table = Table(
        request,
        rows,
        [
            Column("subject", _("Subject"), "subject.number", sort=SUBJECT, link=True),
            Column("page", _("Consent"), lambda one: title_of(one, forms)),
            Column("state", _("State"), lambda one: one.state.label, template="ecrf/cells/consent_state.html"),
            Column("version", _("Version of the sheet"), "version", sort=("version",)),
            Column("signed", _("Date"), "signed_at", sort=("signed_at",), template="ecrf/cells/consent_date.html"),
            Column("site", _("Site"), "subject.site.code", sort=("subject__site__code",)),
        ],
        name="consents",
        caption=_("Consents"),
        search=("subject__number__icontains",),
        filters=filters(request, found, sheets),
        order=("-signed_at",),
        empty={
            "icon": "writing-sign",
            "title": _("No consent yet"),
            "text": _("A page of a form can be a consent: once it is saved complete, its document is archived here."),
        },
    )
    context = {
        "project": found,
        "tabs": tabs(request, found, "consents"),
        "again": rows.filter(consents.outdated(sheets)).count(),
        "summaries": [
            {
                "title": page_title(form, page),
                "version": sheet["version"],
                "lines": consents.by_site(request.user, found, form, page, sheets),
            }
            for (_pk, page), sheet in sheets.items()
            for form in forms
            if form.pk == _pk
        ],
    }
    return table.respond("ecrf/consents.html", context)


SUBJECT = ("subject__site__code", "subject__sequence")


def page_title(form: Form, page: str) -> str:
    definition = form.published.loaded
    texts = next((one.title for one in definition.pages if one.key == page), None)
    return definition.text(texts, reader_language()) or page


def title_of(consent: Consent, forms: list[Form]) -> str:
    form = next((one for one in forms if one.pk == consent.form_id), None)
    return page_title(form, consent.page) if form else consent.page


def filters(request: HttpRequest, project: Project, sheets: consents.Sheets) -> list[Filter]:
    sites = Site.objects.visible_to(request.user, permissions.READ).filter(project=project)
    states: list[tuple[str, Any]] = [("again", _("to be asked again")), *Consent.State.choices]
    ways = {
        "again": consents.outdated(sheets),
        "valid": consents.VALID,
        "refused": Q(superseded_by=None, is_given=False),
        "withdrawn": Q(superseded_by=None, withdrawn_at__isnull=False),
        "superseded": Q(superseded_by__isnull=False),
    }

    def by_state(rows: QuerySet[Consent], value: str) -> QuerySet[Consent]:
        return rows.filter(ways[value])

    versions = sorted({str(sheet["version"]) for sheet in sheets.values()})
    return [
        Filter("state", _("State"), states, by_state),
        Filter("site", _("Site"), [(site.code, site.name) for site in sites], "subject__site__code"),
        Filter("version", _("Version of the sheet"), [(one, one) for one in versions], "version", rare=True),
    ]


def consent_of(request: HttpRequest, project: str, pk: UUID) -> Consent:
    place = project_of(request.user, project)
    rows = consents.consents_of(request.user, place, consents.with_consents(place))
    related = ("form__current", "entry__form", "entry__subject__project", "file__project", "superseded_by")
    found: Consent = access.fetch(rows.select_related(*related), request.user, pk=pk)
    return found


@reads
def detail(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """One consent: its version, when and before whom it was given, what became of it."""
    held = consent_of(request, project, pk)
    audit.record(request.user, "ecrf.entry_read", held.entry, form=held.form.key, revision=held.revision)
    sheets = consents.sheets_of([held.form])
    may = access.can(request.user, permissions.CONSENTS, held.subject.project, held.subject.site)
    context = {
        "project": held.subject.project,
        "consent": held,
        "title": page_title(held.form, held.page),
        "is_outdated": Consent.objects.filter(consents.outdated(sheets), pk=held.pk).exists(),
        "now": sheets.get((held.form_id, held.page), {}).get("version", ""),
        "may_manage": may,
    }
    return render(request, "ecrf/consent.html", context)


@reads
def document(request: HttpRequest, project: str, pk: UUID) -> HttpResponseBase:
    """The archived PDF."""
    held = consent_of(request, project, pk)
    stored = services.open_consent(request.user, held)
    name = f"{held.subject.number}-{held.page}-{held.signed_at:%Y-%m-%d}.pdf"
    return downloads.send(request, stored, name=name, media_type=PDF)


@writes
def withdraw(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """Record a withdrawal, with a reason."""
    held = consent_of(request, project, pk)
    try:
        services.withdraw_consent(request.user, held, request.POST.get("reason", ""))
        messages.success(request, _("The withdrawal is recorded. What was entered before stays."))
    except (Conflict, Invalid) as error:
        messages.error(request, told(error))
    return redirect("ecrf:consent", held.subject.project.slug, held.pk)


@writes
def ask_again(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """Open the page of the consent again, to be answered anew."""
    held = consent_of(request, project, pk)
    try:
        entry = services.ask_again(request.user, held, request.POST.get("reason", ""))
    except (Conflict, Invalid) as error:
        messages.error(request, told(error))
        return redirect("ecrf:consent", held.subject.project.slug, held.pk)
    messages.success(request, _("The page is open again: have it read and answered."))
    return redirect(entry)


def told(error: Conflict | Invalid) -> str:
    faults = getattr(error, "faults", ())
    return " ".join(filter(None, [str(error.message), *(str(one.message) for one in faults)]))
