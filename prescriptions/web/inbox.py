"""The inbox: what was sent and how far its review is, searched, filtered, assigned, deleted and brought back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core import access
from core.access.models import Project
from core.web.table import BulkAct, Column, Filter, Table
from core.web.views import reads, see_other, writes
from prescriptions import permissions, queries, services
from prescriptions.models import Document
from prescriptions.web.places import project_of

COLUMNS = (
    Column("number", gettext_lazy("Prescription"), str, sort=("number",), link=True),
    Column("source", gettext_lazy("Source"), "file_id", template="prescriptions/cells/source.html"),
    Column(
        "created",
        gettext_lazy("Received"),
        "created_at",
        sort=("created_at",),
        template="prescriptions/cells/pasted.html",
    ),
    Column("lines", gettext_lazy("Lines"), "line_count", sort=("line_count",), numeric=True),
    Column("unsure", gettext_lazy("To check"), "unsure", sort=("unsure",), template="prescriptions/cells/unsure.html"),
    Column(
        "reviewer",
        gettext_lazy("Who reviews"),
        "assigned_to",
        sort=("assigned_to__full_name",),
        template="prescriptions/cells/reviewer.html",
    ),
    Column("state", gettext_lazy("State"), "status", sort=("status",), template="prescriptions/cells/status.html"),
)


@reads
def listing(request: HttpRequest, project: str) -> HttpResponse:
    """The prescriptions of the project, what is being read, and where to drop more."""
    found = project_of(request.user, project)
    access.require(request.user, permissions.READ, found)
    may_write = access.can(request.user, permissions.WRITE, found)
    table = Table(
        request,
        queries.documents_of(request.user, found),
        COLUMNS,
        name="prescriptions",
        caption=_("Prescriptions"),
        search=(searched_in(found),),
        filters=filters(request),
        acts=acts(request, found),
        order=("-number",),
        empty={
            "icon": "prescription",
            "title": _("No prescription yet"),
            "text": _(
                "Drop files above, or paste a text: lines are read as medicine, dose, frequency and duration, "
                "and you check them."
            ),
            "url": reverse("prescriptions:new", args=[found.slug]) if may_write else "",
            "action": _("Paste a prescription"),
        },
    )
    context = {
        "project": found,
        "may_write": may_write,
        "may_export": access.can(request.user, permissions.EXPORT, found),
        "may_generate": access.can(request.user, permissions.GENERATE, found),
        "may_evaluate": access.can(request.user, permissions.EVALUATE, found),
        "exportable": queries.exportable(found).count(),
        "batches": queries.unsettled_batches(request.user, found)[:10],
    }
    return table.respond("prescriptions/list.html", context)


def searched_in(project: Project) -> Any:
    """A number finds the prescription of that number; a word, those with a medicine of such a name."""

    def search(word: str) -> Q:
        if word.isdecimal() and len(word) < 10:
            return Q(number=int(word))
        return queries.with_medicine(project, word) if len(word) > 2 else Q(pk=None)

    return search


def filters(request: HttpRequest) -> tuple[Filter, ...]:
    who = {"me": Q(assigned_to=request.user.pk), "nobody": Q(assigned_to=None)}
    doubt = {"some": Q(unsure__gt=0), "none": Q(unsure=0)}
    source = {"file": Q(file__isnull=False), "text": Q(file=None)}
    return (
        Filter("state", _("State"), Document.Status.choices, "status"),
        Filter("who", _("Who reviews"), [("me", _("me")), ("nobody", _("nobody yet"))], among(who)),
        Filter("doubt", _("To check"), [("some", _("with doubts")), ("none", _("without doubts"))], among(doubt)),
        Filter("source", _("Source"), [("file", _("a file")), ("text", _("a pasted text"))], among(source), rare=True),
    )


def among(choices: dict[str, Q]) -> Any:
    def narrowed(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
        return rows.filter(choices[value])

    return narrowed


def acts(request: HttpRequest, project: Project) -> tuple[BulkAct, ...]:
    """What the reader may do with those that he ticks."""
    assign, delete, export = (
        reverse(f"prescriptions:{name}", args=[project.slug]) for name in ("assign", "delete_selected", "files")
    )
    exporting = (BulkAct(_("Export the selection"), url=export, icon="download"),)
    writing = (
        BulkAct(_("I review these"), url=assign, icon="user-check"),
        BulkAct(_("Free for anybody"), url=f"{assign}?to=nobody", icon="user-off"),
        BulkAct(_("Delete"), url=delete, icon="trash"),
    )
    return (
        *(writing if access.can(request.user, permissions.WRITE, project) else ()),
        *(exporting if access.can(request.user, permissions.EXPORT, project) else ()),
    )


def selected(request: HttpRequest, rows: QuerySet[Document]) -> list[Document]:
    """The rows that are ticked and that the reader may see."""
    asked = []
    for each in request.POST.getlist("selected")[:1000]:
        try:
            asked.append(UUID(each))
        except ValueError:
            continue
    return list(rows.filter(pk__in=asked).order_by("number"))


@writes
def assign(request: HttpRequest, project: str) -> HttpResponse:
    """The reader reviews the ticked ones, or nobody in particular does."""
    found = project_of(request.user, project)
    access.require(request.user, permissions.WRITE, found)
    to = None if request.GET.get("to") == "nobody" else request.user
    done = services.assign_documents(request.user, selected(request, queries.documents_of(request.user, found)), to)
    text = ngettext("%(n)s prescription assigned.", "%(n)s prescriptions assigned.", done)
    messages.success(request, text % {"n": done})
    return see_other(reverse("prescriptions:home", args=[found.slug]), request)


@writes
def delete_selected(request: HttpRequest, project: str) -> HttpResponse:
    """The ticked ones leave the list; they can be brought back."""
    found = project_of(request.user, project)
    access.require(request.user, permissions.WRITE, found)
    documents = selected(request, queries.documents_of(request.user, found))
    for document in documents:
        services.delete_document(request.user, document)
    text = ngettext(
        "%(n)s prescription is deleted. It can be brought back from the list of deleted ones.",
        "%(n)s prescriptions are deleted. They can be brought back from the list of deleted ones.",
        len(documents),
    )
    messages.success(request, text % {"n": len(documents)})
    return see_other(reverse("prescriptions:home", args=[found.slug]), request)


@writes
def restore_selected(request: HttpRequest, project: str) -> HttpResponse:
    """The ticked ones are back in the list."""
    found = project_of(request.user, project)
    access.require(request.user, permissions.WRITE, found)
    documents = selected(request, queries.documents_of(request.user, found, deleted=True))
    for document in documents:
        services.restore_document(request.user, document)
    text = ngettext("%(n)s prescription is back.", "%(n)s prescriptions are back.", len(documents))
    messages.success(request, text % {"n": len(documents)})
    return see_other(reverse("prescriptions:home", args=[found.slug]), request)


@reads
def deleted(request: HttpRequest, project: str) -> HttpResponse:
    """What was deleted and can be brought back."""
    found = project_of(request.user, project)
    access.require(request.user, permissions.WRITE, found)
    back = reverse("prescriptions:restore_selected", args=[found.slug])
    table = Table(
        request,
        queries.documents_of(request.user, found, deleted=True).select_related("deleted_by"),
        (
            Column("number", gettext_lazy("Prescription"), str, sort=("number",)),
            Column(
                "deleted",
                gettext_lazy("Deleted on"),
                "deleted_at",
                sort=("deleted_at",),
                template="prescriptions/cells/deleted.html",
            ),
            Column("lines", gettext_lazy("Lines"), "line_count", numeric=True),
            Column("act", gettext_lazy("Action"), "pk", template="prescriptions/cells/restore.html"),
        ),
        name="deleted",
        caption=_("Deleted prescriptions"),
        acts=(BulkAct(_("Bring back"), url=back, icon="arrow-back-up"),),
        order=("-deleted_at",),
        empty={
            "icon": "trash",
            "title": _("Nothing is deleted"),
            "text": _("Deleted prescriptions stay here and can be brought back."),
        },
    )
    return table.respond("prescriptions/deleted.html", {"project": found})
