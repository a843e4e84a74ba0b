"""The library of forms, one form with its versions, and the forms (of Django) that these pages post."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from core import access
from core.access.models import Site
from core.files import taking
from core.web.forms import offer
from core.web.views import reads, writes
from ecrf import engine, messages, permissions, queries, rights, services
from ecrf.engine import exchange, library
from ecrf.engine.exchange import FORMATS
from ecrf.engine.redcap.dictionary_file import MAX_BYTES
from ecrf.intake import ACCEPT, takes_form
from ecrf.models import Draft, Form, FormVersion
from ecrf.models.forms import reader_language
from ecrf.services.definitions import in_words
from ecrf.services.reviews import MANAGE, needs_approval
from ecrf.web.faults import named, placed
from ecrf.web.fields import field_rows
from ecrf.web.places import form_of, project_of
from ecrf.web.printing import languages_of
from ecrf.web.tabs import tabs

LANGUAGES = [(code, name) for code, name in settings.LANGUAGES]


class IncludeForm(forms.Form):
    site = forms.ModelChoiceField(Site.objects.none(), label=_("Site"), empty_label=None)

    number = forms.CharField(
        label=_("Number"), max_length=30, widget=forms.TextInput({"autocomplete": "off", "class": "code"})
    )
    arm = forms.ChoiceField(label=_("Arm"))

    def __init__(
        self, *args: Any, sites: Any, typed: bool = False, arms: Sequence[tuple[str, str]] = (), **options: Any
    ) -> None:
        super().__init__(*args, **options)
        if not typed:
            del self.fields["number"]
        if arms:
            offer(self, "arm", arms)
        else:
            del self.fields["arm"]
        site = self.fields["site"]
        assert isinstance(site, forms.ModelChoiceField)
        site.queryset = sites


class NewForm(forms.Form):
    """A form that begins: empty, or from a template of the library."""

    title = forms.CharField(label=_("Title of the form"), max_length=200)
    languages = forms.MultipleChoiceField(
        label=_("Languages"),
        choices=LANGUAGES,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Others can be added while building."),
    )
    template = forms.ChoiceField(label=_("Start from"), widget=forms.RadioSelect, initial="empty")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        language = reader_language()
        self.fields["languages"].initial = [language]
        template = self.fields["template"]
        assert isinstance(template, forms.ChoiceField)
        template.choices = [
            (key, _("%(title)s: %(about)s") % {name: said(one[name], language) for name in ("title", "about")})
            for key, one in library.templates().items()
        ]


def said(texts: Mapping[str, str], language: str) -> str:
    return texts.get(language) or texts["en"]


class FormFileForm(forms.Form):
    """A file that holds a form; for a REDCap dictionary, the same in another language."""

    title = forms.CharField(
        label=_("Title of the form"), max_length=200, required=False, help_text=_("Empty: that of the file.")
    )
    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "A REDCap dictionary (CSV) or project (XML), an XLSForm, CDISC ODM, a FHIR Questionnaire, "
            "a Goupile project, or a form written as text (YAML, JSON)."
        ),
        widget=forms.FileInput({"accept": ACCEPT}),
        validators=[takes_form],
    )
    format = forms.ChoiceField(label=_("Format"), required=False)
    language = forms.ChoiceField(
        label=_("Language"), choices=LANGUAGES, help_text=_("Of the texts that don’t say theirs.")
    )
    translation = forms.FileField(
        label=_("The same dictionary in the other language"),
        required=False,
        help_text=_("REDCap only: the same variables and codes, with translated labels. It can be added later."),
        widget=forms.FileInput({"accept": ".csv,text/csv"}),
        validators=[taking.Takes(taking.Kind.TEXT)],
    )
    ranges = forms.ChoiceField(
        label=_("Values beyond the minimum or maximum (REDCap)"),
        choices=[("warn", _("are kept with a warning, as in REDCap")), ("block", _("are refused"))],
        widget=forms.RadioSelect,
        initial="warn",
    )

    def __init__(self, *args: Any, next_version: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["language"].initial = reader_language()
        formats = self.fields["format"]
        assert isinstance(formats, forms.ChoiceField)
        formats.choices = [("", _("Found out from the file")), *((each.name, each.title) for each in FORMATS.values())]
        if next_version:
            del self.fields["title"]

    file_name = ""

    def clean_file(self) -> bytes:
        self.file_name = str(self.cleaned_data["file"].name)
        content: bytes = self.cleaned_data["file"].read()
        return content

    def clean_translation(self) -> bytes | None:
        return read(self.cleaned_data["translation"]) if self.cleaned_data["translation"] else None


def read(upload: Any) -> bytes:
    if upload.size > MAX_BYTES:
        raise ValidationError(_("The file is larger than %(limit)s MB.") % {"limit": MAX_BYTES // 1024 // 1024})
    content: bytes = upload.read()
    return content


@reads
def listing(request: HttpRequest, project: str) -> HttpResponse:
    """The forms of the project, and drafts that wait to be published."""
    found = project_of(request.user, project)
    access.require(request.user, permissions.READ, found)
    context = {
        "project": found,
        "forms": queries.counted(request.user, queries.forms_of(request.user, found)),
        "drafts": Draft.objects.visible_to(request.user).filter(project=found).select_related("author", "updated_by"),
        "tabs": tabs(request, found, "forms"),
        "may_design": access.can(request.user, permissions.DESIGN, found),
        "may_rule": access.can(request.user, MANAGE, found),
        "needs_approval": needs_approval(found),
    }
    return render(request, "ecrf/forms.html", context)


@reads
def detail(request: HttpRequest, project: str, form: str) -> HttpResponse:
    """One form: what it asks, its versions, its dataset."""
    found = project_of(request.user, project)
    [what] = queries.counted(request.user, [form_of(request.user, found, form)])
    versions = FormVersion.objects.filter(form=what).select_related("published_by").defer("definition")
    context = {
        "project": found,
        "form": what,
        "pages": field_rows(definition_shown(request, what), reader_language()),
        "versions": versions,
        "may_design": access.can(request.user, permissions.DESIGN, found),
        "may_manage_rights": access.can(request.user, permissions.MANAGE_RIGHTS, found),
        "may_export": access.can(request.user, permissions.EXPORT, found),
        "formats": FORMATS.values(),
        "languages": languages_of(what),
    }
    return render(request, "ecrf/form.html", context)


def definition_shown(request: HttpRequest, form: Form) -> engine.Definition:
    """The published version, of which the reader sees his pages."""
    version = form.published
    version.form = form
    return rights.definition_of(request.user, version)


@reads
def losses(request: HttpRequest, project: str, form: str, to: str) -> HttpResponse:
    """What a format can't say of the form, before it is downloaded."""
    found = project_of(request.user, project)
    what = form_of(request.user, found, form)
    if to not in FORMATS:
        raise Http404
    shown = definition_shown(request, what)
    _content, lost = in_words(lambda: exchange.write(shown, to))
    data = shown.data
    rows = [placed(named(fault.place, data), messages.words(fault.code, fault.params)) for fault in lost]
    context = {"project": found, "form": what, "format": FORMATS[to], "rows": rows}
    return render(request, "ecrf/losses.html", context)


@reads
def download(request: HttpRequest, project: str, form: str, to: str) -> HttpResponse:
    """The form as a file."""
    found = project_of(request.user, project)
    what = form_of(request.user, found, form)
    if to not in FORMATS:
        raise Http404
    content, _losses = services.download_form(request.user, what, to)
    made = FORMATS[to]
    name = f"{what.key}-v{what.published.number}{made.extensions[0]}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return HttpResponse(content, content_type=made.media_type, headers=headers)


@writes
def export(request: HttpRequest, project: str, form: str) -> HttpResponse:
    found = project_of(request.user, project)
    level = "full" if request.POST.get("identifiers") == "on" else "coded"
    made = services.start_export(request.user, form_of(request.user, found, form), level=level)
    return redirect("jobs:job", made.job)
