"""The form by which an export is asked for, now or again and again."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import access
from core.accounts.models import User
from core.errors import Invalid
from core.web.forms import offer, show_faults
from core.web.views import page
from ecrf import services
from ecrf.engine.exports import FORMATS
from ecrf.models import Export, Form
from ecrf.models.forms import reader_language
from ecrf.services.exports import levels, read_choices
from ecrf.services.exports.choices import DATASET
from ecrf.web.exports.pages import day_of
from ecrf.web.places import project_of
from ecrf.words import exporting


def available() -> list[tuple[str, str]]:
    """The formats whose writers are here, and the dataset."""
    found = [(one.name, one.title) for one in FORMATS.values() if find_spec(one.writer.partition(":")[0])]
    return [*found, (DATASET, _("Dataset of the project"))]


NAMES = dict(settings.LANGUAGES)


class ExportForm(forms.Form):
    format = forms.ChoiceField(label=gettext_lazy("Format"))
    level = forms.ChoiceField(
        label=gettext_lazy("Persons"),
        widget=forms.RadioSelect,
        help_text=gettext_lazy(
            "De-identified: each participant gets another number, and his dates are shifted together by whole weeks, "
            "up to half a year: intervals and days of the week stay true."
        ),
    )
    pages = forms.ChoiceField(label=gettext_lazy("Pages"), choices=list(exporting.PAGES.items()), initial="all")
    only = forms.MultipleChoiceField(
        label=gettext_lazy("Only these pages"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Without a tick, everything is exported."),
    )
    events = forms.MultipleChoiceField(
        label=gettext_lazy("Only these visits"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Without a tick, everything is exported."),
    )
    sites = forms.MultipleChoiceField(
        label=gettext_lazy("Only these sites"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None ticked: all that you may export."),
    )
    since = forms.ChoiceField(
        label=gettext_lazy("Since"),
        required=False,
        help_text=gettext_lazy("An earlier export of the same records: only what is new or was changed since then."),
    )
    changes = forms.ChoiceField(
        label=gettext_lazy("Of those"), choices=list(exporting.CHANGES.items()), initial="all", required=False
    )
    language = forms.ChoiceField(label=gettext_lazy("Language of the labels"))
    labels = forms.BooleanField(label=gettext_lazy("Choices as labels instead of codes"), required=False)
    statuses = forms.BooleanField(
        label=gettext_lazy("Statuses and comments beside the values"), required=False, initial=True
    )
    history = forms.BooleanField(label=gettext_lazy("The history: each change of each value"), required=False)
    every = forms.ChoiceField(
        label=gettext_lazy("When"), choices=list(exporting.RHYTHMS.items()), required=False, initial=""
    )
    recipient = forms.CharField(
        label=gettext_lazy("Seal for a key"),
        required=False,
        max_length=200,
        widget=forms.TextInput({"spellcheck": "false", "autocomplete": "off", "class": "is-code"}),
        help_text=gettext_lazy(
            "The public key (age1…) of who is to open the file: nobody else can then, not even you. It opens with the "
            "free program age."
        ),
    )
    keep_days = forms.IntegerField(
        label=gettext_lazy("Keep the file for (days)"), min_value=1, max_value=365, initial=30
    )

    def __init__(self, *args: Any, form: Form, actor: User, most: str, **options: Any) -> None:
        super().__init__(*args, **options)
        definition, language = form.published.loaded, reader_language()
        offer(self, "format", available())
        offer(self, "level", [(key, word) for key, word in exporting.LEVELS.items() if levels.reaches(most, key)])
        self.fields["level"].initial = "coded" if levels.reaches(most, "coded") else "deidentified"
        offer(self, "language", [(code, str(NAMES.get(code, code))) for code in definition.languages])
        self.fields["language"].initial = language if language in definition.languages else definition.languages[0]
        titles = [(one.key, definition.text(one.title, language) or one.key) for one in definition.pages]
        events = [(one.key, definition.text(one.title, language) or one.key) for one in definition.events.values()]
        sites = [(site.code, f"{site.name} ({site.code})") for site in levels.sites_of(actor, form)]
        earlier: Iterable[Export] = (
            Export.objects.visible_to(actor)
            .filter(form=form, finished_at__isnull=False)
            .exclude(marks=b"")
            .defer("marks")[:20]
        )
        said = [
            (str(one.pk), f"{day_of(one.created_at)} · {one.format} · {exporting.HELD[one.level]}") for one in earlier
        ]
        for name, choices in (("only", titles), ("events", events), ("sites", sites)):
            offer(self, name, choices)
            if len(choices) < 2:
                del self.fields[name]
        last = [("last", _("The last one like it"))]
        offer(self, "since", [("", _("The beginning: all records")), *last, *said])


@page
def ask(request: HttpRequest, project: str, form: str) -> HttpResponse:
    """Choose what leaves and how; then it is a job, or comes again and again."""
    found = project_of(request.user, project)
    what = levels.form_of(request.user, found, key=form)
    most = levels.ceiling(request.user, found)
    if most == "none":
        levels.require_level(request.user, what, "deidentified")
    assert isinstance(request.user, User)
    sent = ExportForm(request.POST or None, form=what, actor=request.user, most=most)
    if request.method == "POST" and sent.is_valid():
        given = dict(sent.cleaned_data)
        format_, every = given.pop("format"), given.pop("every")
        try:
            choices = read_choices(given)
            if every:
                services.schedule_export(request.user, what, format_, choices, every)
                messages.success(request, _("The export is scheduled."))
                return redirect("ecrf:exports", found.slug)
            return redirect(services.start_export(request.user, what, format_, choices))
        except Invalid as error:
            show_faults(sent, error)
    context = {
        "project": found,
        "form": what,
        "export_form": sent,
        "formats": [(title, exporting.FORMATS[name]) for name, title in available()],
        "may_read": access.can(request.user, "ecrf.read_records", found),
    }
    return render(request, "ecrf/exports/ask.html", context, status=422 if sent.errors else 200)
