"""What somebody said he would come back to: fields that wait for an answer or are to be verified, and coming locks."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core import access, audit
from core.access.models import Site
from core.web.table import Column, Filter, Table
from core.web.views import reads
from ecrf import discrepancies, permissions, queries, rights
from ecrf.models import Entry, Lock
from ecrf.services.keeping import page_of
from ecrf.web.places import address_of, project_of
from ecrf.web.tabs import tabs

PENDING = ("wait", "check")


@reads
def listing(request: HttpRequest, project: str) -> HttpResponse:
    """Records with such fields; their notes are opened for the rows of one page, their values never."""
    found = project_of(request.user, project)
    access.require(request.user, permissions.READ, found)
    forms = list(queries.forms_of(request.user, found))
    labels = discrepancies.Labels(forms)
    rows = Entry.objects.visible_to(request.user).filter(
        subject__project=found, form__in=forms, removed_at=None, tags__overlap=[*PENDING]
    )
    sites = list(Site.objects.visible_to(request.user, permissions.READ).filter(project=found))
    states = {"wait": _("Pending"), "check": _("To verify")}

    def fields(entry: Entry) -> SafeString:
        definition = entry.form.published.loaded
        seen = rights.of(request.user, entry.form, entry.subject.site)
        wanted = request.GET.get("status", "")
        links = []
        for place, note in (entry.notes or {}).items():
            status, key = note.get("status"), place.rpartition(".")[2]
            page = page_of(definition, place.partition("[")[0])
            if status in states and wanted in ("", status) and seen.reads(page):
                address = address_of(entry, page, key)
                links.append((address, labels.item(entry.form_id, key), states[status], note.get("comment") or ""))
        shown = format_html_join("", '<li><a href="{}">{}</a> · {} <span class="text-soft">{}</span></li>', links)
        return format_html('<ul class="plain-list">{}</ul>', shown)

    filters: list[Filter] = [Filter("status", _("State"), list(states.items()), by_status)]
    if len(sites) > 1:
        filters.append(Filter("site", _("Site"), [(site.code, site.name) for site in sites], "subject__site__code"))
    table = Table(
        request,
        rows.select_related("subject__site", "subject__project", "form__current").defer("values", "title", "marks"),
        [
            Column(
                "subject", _("Subject"), "subject.number", sort=("subject__site__code", "subject__sequence"), link=True
            ),
            Column("event", _("Event"), lambda one: event_of(one, labels)),
            Column("fields", _("Fields"), html=fields),
            Column("since", _("Last saved"), "updated_at", sort=("updated_at",), template="ecrf/cell_when.html"),
        ],
        name="pending",
        caption=_("Pending answers"),
        search=("subject__number__icontains",),
        filters=filters,
        order=("updated_at",),
        empty={
            "icon": "flag-check",
            "title": _("Nothing is pending"),
            "text": _("A field is marked as pending or to verify beside its answer, with a comment."),
        },
    )
    audit.record(request.user, "ecrf.pending_read", project=found, found=len(table.page.object_list))
    coming = Lock.objects.visible_to(request.user).filter(
        project=found, released_at=None, starts_at__gt=timezone.now(), entry__form__in=forms
    )
    context: dict[str, Any] = {
        "project": found,
        "tabs": tabs(request, found, "reports"),
        "coming": list(coming.select_related("subject__project", "entry__form").order_by("starts_at")[:50]),
    }
    return table.respond("ecrf/pending.html", context)


def by_status(rows: QuerySet[Entry], value: str) -> QuerySet[Entry]:
    return rows.filter(tags__contains=[value])


def event_of(entry: Entry, labels: discrepancies.Labels) -> str:
    definition = entry.form.published.loaded
    event = definition.events.get(entry.event)
    return definition.text(event.title, labels.language) if event else str(entry.form)
