"""The live style guide: every shared component in every state, on one page that axe tests too."""

from __future__ import annotations

import datetime as dt

from django import forms
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.access.models import Project
from core.accounts.models import User
from core.errors import Fault, Invalid
from core.web.forms import DayInput, show_faults
from core.web.request import Request
from core.web.states import STATES
from core.web.table import BulkAct, Column, Filter, Table
from core.web.views import reads


class Example(forms.Form):
    """Every kind of field that forms use."""

    name = forms.CharField(label=_("Name of the form"), help_text=_("As people say it, for example “Inclusion”."))
    code = forms.SlugField(label=_("Code"), widget=forms.TextInput(attrs={"class": "mono"}))
    about = forms.CharField(label=_("Description"), required=False, widget=forms.Textarea(attrs={"rows": 3}))
    kind = forms.ChoiceField(label=_("Kind"), choices=[("visit", _("Visit")), ("event", _("Adverse event"))])
    starts = forms.DateField(label=_("First day"), widget=DayInput)
    sites = forms.MultipleChoiceField(
        label=_("Centres"),
        choices=[("a", "CHU de Brocéliande"), ("b", "CH de Kerlouan")],
        widget=forms.CheckboxSelectMultiple,
    )
    order = forms.ChoiceField(
        label=_("Order"), choices=[("free", _("Free")), ("fixed", _("Fixed"))], widget=forms.RadioSelect
    )
    file = forms.FileField(label=_("Dictionary"), required=False, help_text=_("A CSV file of 5 MB at most."))
    agreed = forms.BooleanField(label=_("The participants have been informed"))


def refused() -> Example:
    """The same form as a service refused it."""
    form = Example({"code": "v1 !", "name": "Visite 1", "kind": "visit", "order": "free"}, prefix="refused")
    faults = [Fault("name", "taken", _("Another form has this name.")), Fault("", "full", _("The project is full."))]
    show_faults(form, Invalid(faults))
    return form


def people(request: Request) -> Table:
    """A list with everything."""
    columns = (
        Column("full_name", _("Name"), sort=("full_name",)),
        Column("email", _("E-mail"), sort=("email",)),
        Column("language", _("Language"), value="get_language_display"),
        Column("projects", _("Projects"), value=lambda person: 12345, numeric=True),
    )
    return Table(
        request,
        User.objects.filter(pk=request.user.pk),
        columns,
        name="people",
        caption=_("People"),
        search=("full_name__icontains", "email__icontains"),
        filters=(Filter("language", _("Language"), [("fr", "Français"), ("en", "English")]),),
        acts=(BulkAct(_("Remind them"), url=request.path, icon="mail"),),
        export="people",
    )


def nothing(request: Request) -> Table:
    """A list that has nothing in it."""
    return Table(
        request,
        Project.objects.none(),
        (Column("name", _("Name")),),
        name="none",
        empty={
            "icon": "clipboard-text",
            "title": _("No form yet"),
            "text": _("A form says what is collected at each visit. Begin with a REDCap dictionary or from nothing."),
            "url": "#",
            "action": _("Import a dictionary"),
        },
    )


@reads
def style_guide(request: Request) -> HttpResponseBase:
    now, table = timezone.now(), people(request)
    if table.exporting:
        return table.csv()
    context = {
        "form": Example(),
        "refused": refused(),
        "states": STATES,
        "empty_table": nothing(request),
        "now": now,
        "crumbs": [("Étude Sepsis", "#crumbs"), (_("Forms"), "#crumbs")],
        "tabs": [
            (_("Entries"), "#tabs", True, 1240),
            (_("Questions"), "#tabs", False, 3),
            (_("Settings"), "#tabs", False, None),
        ],
        "activity": [
            {
                "who": "Nolwenn Kerbrat",
                "what": _("saved the inclusion visit"),
                "at": now - dt.timedelta(minutes=4),
                "url": "#activity",
            },
            {"who": "Yann Prigent", "what": _("imported a dictionary"), "at": now - dt.timedelta(hours=5), "url": ""},
            {"who": "Camille Le Goff", "what": _("opened the study"), "at": now - dt.timedelta(days=30), "url": ""},
        ],
        "tokens": ("paper", "surface", "sunken", "accent", "accent-tint", "ink", "ink-soft", "line", "line-strong"),
        "tool_names": ("ecrf", "lowcode", "prescriptions", "datahub", "backup"),
        "charts": range(1, 8),
    }
    return table.respond("portal/style_guide.html", context)
