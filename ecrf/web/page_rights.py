"""The table of rights of a form: roles and people, and what they do with each page."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from core import access
from core.access.models import Project
from core.errors import Invalid
from core.web.views import page
from ecrf import permissions, rights, services
from ecrf.models import Form, PageRule
from ecrf.models.forms import reader_language
from ecrf.services.page_rights import Line, copied, lines_of, people_in, roles_in
from ecrf.web.places import form_of, project_of

BEFORE = "ecrf.page_rights.before"
Whom = tuple[str, str]


@page
def table(request: HttpRequest, project: str, form: str) -> HttpResponse:
    """Every page with what each role and each named person does with it; saved and taken back as a whole."""
    found = project_of(request.user, project)
    what = form_of(request.user, found, form)
    access.require(request.user, permissions.MANAGE_RIGHTS, found, obj=what)
    faults: list[str] = []
    lines = lines_of(what)
    columns = columns_of(found, lines, request.GET.get("person", ""))
    if request.method == "POST":
        sent = sent_lines(request, what, columns)
        act = request.POST.get("act", "")
        if act == "undo":
            sent = [Line(**line) for line in request.session.get(BEFORE, {}).get(str(what.pk), [])]
        elif act.startswith("copy:"):
            whom = named(act.removeprefix("copy:"))
            sent = copied(sent, named(request.POST.get(f"from:{':'.join(whom)}", "")), whom)
        try:
            before = services.set_page_rights(request.user, what, sent)
        except Invalid as error:
            faults, lines = [str(fault.message) for fault in error.faults], sent
        else:
            kept = {} if act == "undo" else {str(what.pk): [asdict(line) for line in before]}
            request.session[BEFORE] = {**request.session.get(BEFORE, {}), **kept}
            if act == "undo":
                request.session[BEFORE] = {
                    key: held for key, held in request.session[BEFORE].items() if key != str(what.pk)
                }
            messages.success(request, _("The rights are saved."))
            return redirect(address(request, found, what))
    context = {
        "project": found,
        "form": what,
        "columns": columns,
        "rows": rows_of(what, lines, columns),
        "closed": any(line.whom == ("", "") and line.access == "none" for line in lines),
        "people": [one for one in people_in(found) if ("person", str(one.pk)) not in {whom for whom, _n in columns}],
        "everybody": people_in(found),
        "may_undo": str(what.pk) in request.session.get(BEFORE, {}),
        "faults": dict.fromkeys(faults),
        "looked_at": effective(request, found, what),
    }
    return render(request, "ecrf/page_rights.html", context, status=422 if faults else 200)


def address(request: HttpRequest, project: Project, form: Form) -> str:
    return reverse("ecrf:page_rights", args=[project.slug, form.key])


def named(text: str) -> Whom:
    kind, _sep, key = text.partition(":")
    return (kind, key)


def columns_of(project: Project, lines: list[Line], more: str) -> list[tuple[Whom, str]]:
    """The roles, and the people with rules of their own; and one to whom rules are to be given."""
    ruled = {line.person for line in lines if line.person} | {more}
    roles = [(("role", str(role.pk)), str(role)) for role in roles_in(project)]
    return roles + [(("person", str(one.pk)), str(one)) for one in people_in(project) if str(one.pk) in ruled]


def rows_of(form: Form, lines: list[Line], columns: list[tuple[Whom, str]]) -> list[dict[str, Any]]:
    definition, language = form.published.loaded, reader_language()
    by_place = {(line.whom, line.page): line for line in lines}
    pages = [("", _("Every other page"))]
    pages += [(one.key, definition.text(one.title, language) or one.key) for one in definition.pages]
    return [
        {
            "title": title,
            "cells": [
                {
                    "name": f"{':'.join(whom)}:{key}",
                    "whom": name,
                    "access": choices(PageRule.Access.choices, line.access if line else ""),
                    "leaves": choices(PageRule.Leaves.choices, line.leaves if line else ""),
                }
                for whom, name in columns
                for line in [by_place.get((whom, key))]
            ],
        }
        for key, title in pages
    ]


def choices(offered: Any, chosen: str) -> list[tuple[str, Any, bool]]:
    return [(value, label, value == chosen) for value, label in (("", _("as the role says")), *offered)]


def sent_lines(request: HttpRequest, form: Form, columns: list[tuple[Whom, str]]) -> list[Line]:
    """The rules that the table says. A page that was not on it keeps its rules."""
    pages = ["", *(page["key"] for page in form.published.definition["pages"])]
    lines = [Line("none")] if request.POST.get("closed") == "on" else []
    for (kind, key), _name in columns:
        for each in pages:
            said = request.POST.get(f"access:{kind}:{key}:{each}", "")
            leaves = request.POST.get(f"leaves:{kind}:{key}:{each}", "")
            if said or leaves:
                role, person = (int(key), None) if kind == "role" else (None, key)
                lines.append(Line(said or PageRule.Access.EDIT, leaves, role, person, each))
    return lines


def effective(request: HttpRequest, project: Project, form: Form) -> dict[str, Any] | None:
    """What follows for one person, all his roles together."""
    try:
        asked = UUID(request.GET.get("look", ""))
    except ValueError:
        return None
    who = next((one for one in people_in(project) if one.pk == asked), None)
    if who is None:
        return None
    definition, language = form.published.loaded, reader_language()
    held = access.abilities(who, project)
    may = rights.of(who, form)
    words = dict(PageRule.Leaves.choices)
    return {
        "person": who,
        "pages": [
            {
                "title": definition.text(one.title, language) or one.key,
                "access": "edit"
                if may.edits(one.key) and permissions.SAVE in held
                else "read"
                if may.reads(one.key) and permissions.READ in held
                else "none",
                "leaves": words[may.exported(one.key) if permissions.EXPORT in held else "none"],
            }
            for one in definition.pages
        ],
    }
