"""Who is in the study and how far their forms are; including the next one; one subject's forms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from core import access
from core.access.models import Project, Site
from core.errors import Invalid
from core.web.forms import show_faults
from core.web.table import Column, Filter, Table
from core.web.views import page, reads
from ecrf import permissions, progress, queries, rights, services
from ecrf.models import Entry, Form, Level, Lock, Subject
from ecrf.models.forms import reader_language
from ecrf.services.arms import arms_of
from ecrf.services.subjects import rule_of
from ecrf.web import arms
from ecrf.web.casebook import casebook
from ecrf.web.cells import progress_cell
from ecrf.web.forms import IncludeForm
from ecrf.web.grid.page import Grid
from ecrf.web.places import project_of
from ecrf.web.randomisation import allocations
from ecrf.web.reconciling import panel
from ecrf.web.sites import at_site, site_now, switcher
from ecrf.web.tabs import tabs
from ecrf.web.visits import of_subject


@reads
def overview(request: HttpRequest, project: str) -> HttpResponse:
    """Every subject that the reader may see, and the state of each form or of each page of one form."""
    found = project_of(request.user, project)
    access.require(request.user, permissions.READ, found)
    forms = list(queries.forms_of(request.user, found))
    shown = next((form for form in forms if form.key == request.GET.get("form")), forms[0] if len(forms) == 1 else None)
    may_include = queries.sites_to_include_at(request.user, found).exists()
    sites = list(Site.objects.visible_to(request.user, permissions.READ).filter(project=found))
    empty = {
        "icon": "users",
        "title": _("No subject yet"),
        "text": _("A subject is known here by a number only. Include the first, then fill in the forms."),
        "url": reverse("ecrf:include", args=[found.slug]) if may_include and forms else "",
        "action": _("Include a subject"),
    }
    context = {
        "project": found,
        "forms": forms,
        "shown": shown,
        "legend": progress.LEGEND,
        "tabs": tabs(request, found, "subjects"),
        "site_switch": switcher(request, found),
        "may_include": may_include and forms,
        "may_import": access.can(request.user, permissions.IMPORT, found) and forms,
        "may_design": access.can(request.user, permissions.DESIGN, found),
    }
    if shown is not None:
        grid = Grid(request, found, shown, sites)
        if "counts" in request.GET:
            return render(request, "ecrf/grid/counts.html", {"counts": grid.counts})
        return grid.table.respond("ecrf/grid.html", {**context, "grid": grid, "empty": empty})
    table = Table(
        request,
        at_site(request, found, subjects_with_entries(request, found), "site"),
        [*names(sites), *form_columns(request, found, forms)],
        name="subjects",
        caption=_("Subjects and their forms"),
        search=("number__icontains",),
        filters=filters(sites),
        order=("site__code", "sequence"),
        empty=empty,
    )
    return table.respond("ecrf/grid.html", context)


def subjects_with_entries(request: HttpRequest, project: Any) -> QuerySet[Subject]:
    """Each with its entries, whose values stay sealed."""
    entries = Entry.objects.filter(removed_at=None).defer("values", "notes", "title", "marks")
    return queries.subjects_of(request.user, project).prefetch_related(Prefetch("entries", entries, to_attr="filled"))


def names(sites: list[Site]) -> list[Column]:
    """Who it is; and where, for who sees more than one site."""
    found = [Column("number", _("Subject"), "number", sort=("site__code", "sequence"), link=True)]
    if len(sites) > 1:
        found.append(Column("site", _("Site"), "site.name", sort=("site__name", "sequence")))
    return found


def form_columns(request: HttpRequest, project: Project, forms: list[Form]) -> list[Column]:
    """One column per form: the state of the whole entry."""

    def of(form: Form) -> Callable[[Any], progress.Progress]:
        may = rights.by_site(request.user, form)
        return lambda subject: progress.of_entries(
            [entry for entry in subject.filled if entry.form_id == form.pk and may(subject.site_id).reads(entry.page)],
            may(subject.site_id),
        )

    return [
        Column(f"form-{form.key}", form.title, html=progress_cell(project, form.key, form.title, of(form)))
        for form in forms
    ]


def filters(sites: list[Site]) -> list[Filter]:
    entries = Entry.objects.filter(removed_at=None)

    def by_state(rows: QuerySet[Subject], value: str) -> QuerySet[Subject]:
        chosen = {
            "begun": entries.filter(is_complete=False, locked_at=None),
            "complete": entries.filter(is_complete=True),
            "locked": entries.exclude(locked_at=None),
            "none": entries,
        }[value]
        held = chosen.values("subject")
        return rows.exclude(pk__in=held) if value == "none" else rows.filter(pk__in=held)

    states = [("none", _("Not begun")), ("begun", _("Begun")), ("complete", _("Complete")), ("locked", _("Locked"))]
    found = [Filter("state", _("State"), states, by_state)]
    if len(sites) > 1:
        found.insert(0, Filter("site", _("Site"), [(site.code, site.name) for site in sites], "site__code"))
    return found


@page
def include(request: HttpRequest, project: str) -> HttpResponse:
    """Include a subject at one of the sites where the reader may."""
    found = project_of(request.user, project)
    access.require(request.user, permissions.SAVE, found)
    rule = rule_of(found)
    choices = list(arms_of(found).items()) if rule.needs_arm and not rule.typed else []
    form = IncludeForm(
        request.POST or None,
        sites=queries.sites_to_include_at(request.user, found),
        typed=rule.typed,
        arms=choices,
        initial={"site": site_now(request, found)},
    )
    if request.method == "POST" and form.is_valid():
        try:
            subject = services.include_subject(request.user, **form.cleaned_data)
        except Invalid as error:
            show_faults(form, error)
        else:
            messages.success(request, _("Subject %(number)s is included.") % {"number": subject.number})
            return redirect(subject)
    may_number = access.can(request.user, permissions.DESIGN, found)
    context = {"project": found, "form": form, "rule": rule, "may_number": may_number}
    return render(request, "ecrf/include.html", context, status=422 if form.errors else 200)


@reads
def detail(request: HttpRequest, project: str, subject: UUID) -> HttpResponse:
    """One subject: his casebook in each form, with the state of every page at every event."""
    found = project_of(request.user, project)
    who: Subject = access.fetch(queries.subjects_of(request.user, found), request.user, pk=subject)
    entries = queries.entries_of([who])
    forms = list(queries.forms_of(request.user, found))
    language = reader_language()
    books = [casebook(who, form, entries, language, rights.of(request.user, form, who.site)) for form in forms]
    context = {
        "project": found,
        "subject": who,
        "books": books,
        "arm": arms.panel(request, who),
        "visits": of_subject.lines(who, forms),
        "addable": of_subject.addable(forms),
        "twice": panel(request, who, forms),
        "randomisation": allocations.panel(request, found, who),
        "may_save": access.can(request.user, permissions.SAVE, found, who.site),
        "may_remove": access.can(request.user, permissions.REMOVE, found, who.site),
        "may_lock": access.can(request.user, permissions.LOCK, found, who.site),
        "may_invite": access.can(request.user, permissions.PARTICIPANTS, found, who.site),
        "may_take": access.can(request.user, permissions.TAKE_OFFLINE, found, who.site),
        "held": Lock.objects.filter(subject=who, level__in=[Level.SUBJECT, Level.EVENT], released_at=None),
    }
    return render(request, "ecrf/subject.html", context)
