"""One query's page; what the entry page asks and sends about the queries of a record."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import RawPostDataException
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from core import access, audit
from core.accounts.models import User
from core.errors import Conflict, Invalid
from core.rest.parsers import look_through
from core.web.templatetags.web import when
from core.web.views import page, reads, writes
from ecrf import discrepancies, services
from ecrf import rights as page_rights
from ecrf.engine import queries as rules
from ecrf.models import Entry, Query
from ecrf.models.forms import reader_language
from ecrf.services.entries import StaleEntry
from ecrf.services.queries import people_to_assign, rights_of
from ecrf.services.threads import value_at
from ecrf.web.places import address_of, entry_of, project_of
from ecrf.web.query_list import waits_for
from ecrf.web.readable import readable

MAX_BYTES = 1024 * 1024


def query_of(request: HttpRequest, project: str, pk: UUID) -> Query:
    """A query with its record opened as far as its page needs it."""
    found = project_of(request.user, project)
    related = ("entry__form__current", "entry__version", "entry__subject__site", "entry__subject__project")
    rows = Query.objects.filter(entry__subject__project=found).select_related(*related, "assigned_to", "opened_by")
    query: Query = access.fetch(rows, request.user, pk=pk)
    return query


@page
def detail(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """The thread of a query, what stood and stands at its field, and what may be done now."""
    query = query_of(request, project, pk)
    faults: list[str] = []
    if request.method == "POST":
        try:
            services.act_on_query(
                request.user,
                query,
                request.POST.get("act", ""),
                request.POST.get("text", ""),
                to=assignment(request.POST.get("group", ""), request.POST.get("person", ""), query.entry),
                expected=request.POST.get("state", ""),
            )
        except (Conflict, Invalid) as error:
            said = [str(one.message) for one in getattr(error, "faults", ())]
            faults = [*([str(error.message)] if error.message else []), *said]
            query = query_of(request, project, pk)
        else:
            messages.success(request, _("Done. It is in the thread of the query."))
            return redirect(query)
    return render(request, "ecrf/query.html", shown(request, query, faults), status=422 if faults else 200)


def shown(request: HttpRequest, query: Query, faults: list[str]) -> dict[str, Any]:
    entry, language = query.entry, reader_language()
    if request.method != "POST":
        audit.record(request.user, "ecrf.query_read", query, item=query.item)
    definition = entry.version.loaded
    item = definition.items.get(query.item)
    labels = discrepancies.Labels([entry.form])
    rights = rights_of(request.user, entry)
    now = value_at(entry, query.item, query.row) if query.item else None
    return {
        "project": entry.subject.project,
        "query": query,
        "place": labels.place(query),
        "page_title": labels.page(entry.form_id, query.page) if query.page else "",
        "address": address_of(entry, query.page, query.item, query=str(query.pk)),
        "before": readable(definition, item, query.value, language) if query.item else "",
        "now": readable(definition, item, now, language) if query.item else "",
        "changed": bool(query.item) and now != query.value,
        "thread": query.messages.select_related("author").order_by("created_at"),
        "waits_for": waits_for(query),
        "acts": [act for act in rules.allowed(query.state, rights) if act != "assign"],
        "may_assign": "assign" in rules.allowed(query.state, rights),
        "people": people_to_assign(entry) if "assign" in rights else [],
        "groups": Query.Group.choices,
        "faults": faults,
        "text": request.POST.get("text", "") if faults else "",
        "late": query.is_late(timezone.localdate()),
    }


def assignment(group: str, person: str, entry: Entry) -> services.Assignment | None:
    """To whom a query is given: a person where one is named, else a group."""
    if not group and not person:
        return None
    try:
        found = User.objects.filter(pk=UUID(person), is_active=True).first() if person else None
    except ValueError:
        found = None
    return services.Assignment(group if group in Query.Group.values else Query.Group.SITE, found)


@reads
def of_entry(request: HttpRequest, project: str, entry: UUID) -> HttpResponse:
    """Every query of a record with its thread, for the panel beside its fields."""
    found = entry_of(request.user, project, entry)
    audit.record(request.user, "ecrf.query_read", found, form=found.form.key)
    return JsonResponse(told(request, found))


@writes
def open_at(request: HttpRequest, project: str, entry: UUID) -> HttpResponse:
    """Open a query at a field: ``{item, row, text}``; answers with the queries of the record."""
    found = entry_of(request.user, project, entry)
    sent = body(request)

    def act() -> None:
        services.open_query(
            request.user,
            found,
            word(sent, "text"),
            item=word(sent, "item"),
            page=word(sent, "page"),
            row=word(sent, "row"),
        )

    return done(request, found, act)


@writes
def act_at(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """Move a query on: ``{act, text, expected, values, base}``; answers with the queries of the record."""
    query = query_of(request, project, pk)
    sent = body(request)
    values, base = sent.get("values"), sent.get("base")

    def act() -> None:
        services.act_on_query(
            request.user,
            query,
            word(sent, "act"),
            word(sent, "text"),
            values=values if isinstance(values, dict) else None,
            base=base if type(base) is int else None,
            to=assignment(word(sent, "group"), word(sent, "person"), query.entry),
            expected=word(sent, "expected"),
        )

    return done(request, query.entry, act)


def body(request: HttpRequest) -> dict[str, Any]:
    """What was sent, if it is an object. Raises Invalid."""
    try:
        sent: Any = json.loads(request.body) if len(request.body) <= MAX_BYTES else None
        look_through(sent)
    except (ValueError, RecursionError, RawPostDataException):
        sent = None
    return sent if isinstance(sent, dict) else {}


def word(sent: dict[str, Any], name: str) -> str:
    return sent[name] if isinstance(sent.get(name), str) else ""


def done(request: HttpRequest, entry: Entry, act: Any) -> HttpResponse:
    """The record's queries after an act, or why it was not done."""
    try:
        act()
    except Invalid as error:
        faults = [{"place": one.place, "code": one.code, "message": str(one.message)} for one in error.faults]
        return JsonResponse({"message": str(error.message), "errors": faults}, status=422)
    except StaleEntry as error:
        return JsonResponse({"code": error.code, "message": str(error.message)}, status=409)
    except Conflict as error:
        return JsonResponse({"code": error.code, "message": str(error.message)}, status=409)
    fresh = entry_of(request.user, entry.subject.project.slug, entry.pk)
    return JsonResponse(told(request, fresh))


def told(request: HttpRequest, entry: Entry) -> dict[str, Any]:
    """The queries of a record as the panel shows them."""
    rights, may = rights_of(request.user, entry), page_rights.of_entry(request.user, entry)
    definition, language, today = entry.version.loaded, reader_language(), timezone.localdate()
    return {
        "may_open": "open" in rights,
        "revision": entry.revision,
        "queries": [
            {
                "id": str(query.pk),
                "item": query.item,
                "page": query.page,
                "row": query.row,
                "state": query.state,
                "word": query.get_state_display(),
                "active": query.is_active,
                "late": query.is_late(today),
                "kind": query.get_kind_display(),
                "value": readable(definition, definition.items.get(query.item), query.value, language),
                "waits": waits_for(query),
                "acts": [one for one in rules.allowed(query.state, rights) if one != "assign"],
                "url": query.get_absolute_url(),
                "act_url": act_address(entry, query),
                "messages": [
                    {
                        "who": str(message.author or _("The form")),
                        "at": when(message.created_at),
                        "action": message.get_action_display(),
                        "text": message.text,
                        "corrected": message.corrected,
                    }
                    for message in query.messages.all()
                ],
            }
            for query in discrepancies.threads_of(entry)
            if may.reads(query.page)
        ],
    }


def act_address(entry: Entry, query: Query) -> str:
    return reverse("ecrf:query_act", args=[entry.subject.project.slug, query.pk])
