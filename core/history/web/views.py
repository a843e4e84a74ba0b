"""The history of one thing, field by field."""

from __future__ import annotations

from django.apps import apps
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _

from core.access.models import Project
from core.history import services, words
from core.history.models import Change
from core.history.telling import Teller
from core.web.request import Request
from core.web.table import Column, Filter, Table
from core.web.views import reads


@reads
def thing(request: Request, kind: str, key: str) -> HttpResponse:
    try:
        model = apps.get_model(kind)
    except (LookupError, ValueError) as error:
        raise Http404 from error
    rows = services.open_history(request.user, kind, key)
    table = Table(
        request,
        rows,
        columns=(
            Column("at", _("When"), template="history/cells/when.html"),
            Column("who", _("Who"), lambda row: teller.who(row)),
            Column("act", _("What"), "get_act_display"),
            Column("fields", _("From → to"), lambda row: teller.fields(row), template="history/cells/fields.html"),
            Column("event", _("Audit trail"), lambda row: teller.url(row), template="history/cells/event.html"),
        ),
        name="history",
        caption=_("History"),
        filters=(Filter("act", _("What"), Change.Act.choices),),
    )
    teller = Teller(request.user, list(table.page))
    newest = rows.first()
    context = {
        "name": words.of_kind(model),
        "thing": model._base_manager.filter(pk=key).first(),
        "project": Project.objects.visible_to(request.user).filter(pk=newest.project_id).first(),
    }
    return table.respond("history/thing.html", context)
