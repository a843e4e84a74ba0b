"""The people one works with."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

from core.identity.profiles import PROFESSIONS
from core.identity.queries import at_structure, directory
from core.web.request import Request
from core.web.table import Column, Filter, Table
from core.web.views import reads


@reads
def people(request: Request) -> HttpResponse:
    table = Table(
        request,
        directory(request.user),
        (
            Column("full_name", _("Name"), sort=("full_name",)),
            Column("profession", _("Profession"), template="identity/cells/profession.html"),
            Column("structures", _("Structures"), template="identity/cells/structures.html"),
            Column("email", _("E-mail address"), sort=("email",), template="identity/cells/email.html"),
        ),
        caption=_("Directory"),
        search=("full_name__icontains", "email__icontains", "profile__rpps__exact", at_structure),
        filters=(Filter("profession", _("Profession"), tuple(PROFESSIONS.items()), "profile__profession"),),
        order=("full_name",),
        empty={
            "icon": "address-book",
            "title": _("Nobody yet"),
            "text": _("Here you find the people of your projects and of your organisation."),
        },
    )
    return table.respond("identity/directory.html", {})
