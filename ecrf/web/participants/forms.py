"""What the team's pages about participants post."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.access.models import Site
from core.web.forms import DayInput
from ecrf import engine
from ecrf.engine import cutting
from ecrf.models import Proof, Questionnaire, Starts
from ecrf.models.forms import reader_language
from ecrf.services.participants import sms
from ecrf.web.participants.filling import native

WORDS = {
    "title": _("Title that participants see (%(language)s)"),
    "instructions": _("Instructions (%(language)s)"),
    "thanks": _("Words of thanks (%(language)s)"),
    "mail": _("Text of the mail (%(language)s)"),
}
DIGITS = {"inputmode": "numeric", "autocomplete": "off", "maxlength": "8"}


class TabletForm(forms.Form):
    questionnaire = forms.ModelChoiceField(Questionnaire.objects.none(), label=_("Questionnaire"), empty_label=None)
    pin = forms.CharField(
        label=_("Your PIN"),
        max_length=8,
        widget=forms.PasswordInput(attrs=DIGITS),
        help_text=_("4 to 8 digits, for this once. With it you take the tablet back; five wrong ones sign you out."),
    )
    again = forms.CharField(label=_("The PIN again"), max_length=8, widget=forms.PasswordInput(attrs=DIGITS))

    def __init__(self, *args: Any, questionnaires: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["questionnaire"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = questionnaires

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("pin") and values.get("again") and values["pin"] != values["again"]:
            self.add_error("again", _("The two PINs differ."))
        return values


class ContactForm(forms.Form):
    email = forms.CharField(label=_("E-mail address"), max_length=254, required=False)
    phone = forms.CharField(
        label=_("Mobile number"), max_length=30, required=False, help_text=_("With its country: +33 6 12 34 56 78.")
    )
    language = forms.ChoiceField(label=_("Language"))

    def __init__(self, *args: Any, languages: list[str], **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["language"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(code, native(code)) for code in languages]


class ManyForm(forms.Form):
    contacts = forms.CharField(
        label=_("Contacts"),
        max_length=1_000_000,
        widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "false", "class": "code"}),
        help_text=_(
            "Paste lines of a spreadsheet or a CSV file. The first names the columns: subject, email, phone, language."
        ),
    )


class PublicForm(forms.Form):
    site = forms.ModelChoiceField(Site.objects.none(), label=_("Site of who comes"), empty_label=None)
    most = forms.IntegerField(label=_("Participants at most"), min_value=1, max_value=1_000_000, required=False)
    until = forms.DateField(label=_("Open until the day"), widget=DayInput, required=False)

    def __init__(self, *args: Any, sites: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["site"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = sites


class QuestionnaireForm(forms.ModelForm):  # type: ignore[type-arg]
    """Which pages, when, and in what words; the words once per language of the form."""

    event = forms.ChoiceField(label=_("Event"), required=False)
    pages = forms.MultipleChoiceField(label=_("Pages"), widget=forms.CheckboxSelectMultiple)
    date = forms.ChoiceField(label=_("Date to count from"), required=False)

    class Meta:
        model = Questionnaire
        fields = (
            *("name", "event", "pages", "starts", "starts_after", "open_days", "automatic"),
            *("reminders", "remind_days", "proof", "by_question", "may_decline", "revisable", "keep_copy"),
            *("shows_number", "study_name", "sender"),
        )
        labels = {
            "name": _("Name for the team"),
            "starts_after": _("Days later"),
            "proof": _("Besides his link, he shows"),
        }
        help_texts = {
            "study_name": _("Stands in mails: take one that tells nothing of the illness. Empty: no name."),
            "sender": _("Who mails come from, such as “The study team”."),
        }

    def __init__(self, *args: Any, definition: engine.Definition, **options: Any) -> None:
        super().__init__(*args, **options)
        language = reader_language()
        titles = {page.key: definition.text(page.title, language) for page in definition.pages}
        self.choose("pages", [(key, title) for key, title in titles.items() if cutting.askable(definition, key)])
        events = [(key, definition.text(one.title, language)) for key, one in definition.events.items()]
        if events:
            self.choose("event", events)
        else:
            del self.fields["event"]
        self.choose("date", [("", _("none")), *dates_of(definition, language)])
        self.fields["date"].initial = f"{self.instance.date_event}/{self.instance.date_item}"
        if not sms.is_offered():
            self.choose("proof", [one for one in Proof.choices if one[0] != Proof.SMS])
            self.fields["proof"].help_text = _("No SMS gateway is set up on this server: codes go by e-mail.")
        for purpose, words in WORDS.items():
            for code in definition.languages:
                self.fields[f"{purpose}_{code}"] = forms.CharField(
                    label=words % {"language": native(code)},
                    max_length=150 if purpose == "title" else 3000,
                    required=False,
                    initial=(self.instance.texts.get(purpose) or {}).get(code, ""),
                    widget=forms.TextInput() if purpose == "title" else forms.Textarea(attrs={"rows": 3}),
                )
        self.languages = definition.languages
        own = {purpose: [f"{purpose}_{code}" for code in definition.languages] for purpose in WORDS}
        self.order_fields(
            [
                *("name", "event", "pages", *own["title"], *own["instructions"], *own["thanks"]),
                *("starts", "date", "starts_after", "open_days", "automatic", "reminders", "remind_days"),
                *("study_name", "sender", *own["mail"], "proof"),
            ]
        )

    def choose(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField | forms.MultipleChoiceField)
        field.choices = choices

    def asked(self) -> dict[str, Any]:
        """What the service takes."""
        values = {name: self.cleaned_data[name] for name in self.Meta.fields if name in self.cleaned_data}
        event, _slash, item = self.cleaned_data["date"].partition("/")
        if values["starts"] != Starts.DATE:
            event, item = "", ""
        values |= {"date_event": event, "date_item": item}
        values["texts"] = {
            purpose: {
                code: text.strip()
                for code in self.languages
                if (text := self.cleaned_data[f"{purpose}_{code}"]).strip()
            }
            for purpose in WORDS
        }
        return values

    def _post_clean(self) -> None:
        """Whether it makes sense is the service's to say."""


def dates_of(definition: engine.Definition, language: str) -> list[tuple[str, str]]:
    """Every question for a date, at each event that asks it."""
    found = []
    for event in list(definition.events) or [""]:
        where = f"{definition.text(definition.events[event].title, language)}, " if event else ""
        for page in definition.pages_of(event):
            found += [
                (f"{event}/{item.key}", where + (definition.text(item.spec["label"], language) or item.key))
                for item in page.items
                if item.kind in ("date", "datetime") and not item.repeat
            ]
    return found
