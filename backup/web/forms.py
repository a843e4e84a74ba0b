"""What people fill in; whether it is right is decided by the services."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from backup.models import Plan, Repository
from backup.services import places

GB = 10**9


def quota_field() -> forms.DecimalField:
    return forms.DecimalField(
        label=_("Most it may take, in GB"),
        required=False,
        min_value=Decimal("0.001"),
        max_digits=15,
        decimal_places=9,
        widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
        help_text=_("What agents save beyond it is refused, and you are told before. Empty: no limit."),
    )


class RepositoryForm(forms.Form):
    """What the server is told of a new repository. The page's script reads it: the key is made there."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("For example: main backup."))
    folder = forms.ChoiceField(label=_("Where it is kept"), widget=forms.RadioSelect)
    saves_here = forms.BooleanField(
        label=_("This server saves into it"),
        required=False,
        initial=True,
        help_text=_("It gets a key that adds and opens nothing. Without it only agents on your machines save."),
    )
    quota = quota_field()
    isolated = forms.BooleanField(
        label=_("Writers share nothing"),
        required=False,
        help_text=_(
            "None can find out whether another has already saved the same. What several machines have in common is "
            "then kept several times."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(choice.where, choice.words) for choice in places.choices()]
        field: Any = self.fields["folder"]
        field.choices = choices
        field.initial = choices[-1][0]
        if len(choices) == 1:
            del self.fields["folder"]


class ChangeRepositoryForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=80)
    quota = quota_field()
    parity = forms.IntegerField(
        label=_("Parity, in percent"),
        min_value=0,
        max_value=100,
        required=False,
        help_text=_(
            "So much more is stored, and what the disk lets rot is mended by it: 5 is usual, 0 or empty for none. "
            "A job adds it to what is there."
        ),
    )

    def __init__(self, *args: Any, repository: Repository, **kwargs: Any) -> None:
        quota = None if repository.quota is None else f"{(Decimal(repository.quota) / GB).normalize():f}"
        super().__init__(*args, **kwargs)
        self.initial.update(name=repository.name, quota=quota, parity=repository.parity)

    @property
    def values(self) -> dict[str, Any]:
        """What the service takes."""
        quota = self.cleaned_data["quota"]
        return {
            "name": self.cleaned_data["name"],
            "quota": None if quota is None else int(quota * GB),
            "parity": self.cleaned_data["parity"] or 0,
        }


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("Control code"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "placeholder": "0000-0000"}),
        help_text=_("Open the file you saved: the code stands on the line “Control”."),
    )


RHYTHMS = (
    ("every 1 h", _("every hour")),
    ("every 6 h", _("every six hours")),
    ("daily", _("every day")),
    ("weekly mon", _("every Monday")),
    ("weekly sat", _("every Saturday")),
    ("monthly 1", _("on the first of each month")),
)


class PlanForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("For example: every night."))
    repository = forms.ModelChoiceField(
        Repository.objects.none(), label=_("Save to"), help_text=_("A repository whose key is confirmed.")
    )
    saves_datasets = forms.BooleanField(
        label=_("The datasets, every version"), required=False, initial=True, widget=forms.CheckboxInput
    )
    saves_files = forms.BooleanField(
        label=_("The files: attachments, imports, results"), required=False, initial=True, widget=forms.CheckboxInput
    )
    saves_instance = forms.BooleanField(
        label=_("The whole instance instead: its database and the files of all projects"),
        required=False,
        widget=forms.CheckboxInput,
        help_text=_(
            "Who holds the key of the repository reads the names of people and projects in it; health data only "
            "with the instance’s own key as well."
        ),
    )
    rhythm = forms.ChoiceField(label=_("How often"), choices=RHYTHMS, initial="daily")
    at = forms.TimeField(
        label=_("Time of day"),
        required=False,
        initial=dt.time(2, 30),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=_("Local time. Choose a quiet hour; it doesn’t count for what runs every few hours."),
    )

    def __init__(
        self,
        *args: Any,
        repositories: QuerySet[Repository],
        plan: Plan | None = None,
        of_instance: bool = False,
        **kwargs: Any,
    ) -> None:
        """`of_instance`: whether who fills it in runs the instance."""
        if plan is not None:
            kwargs["initial"] = initial(plan)
        super().__init__(*args, **kwargs)
        if not of_instance:
            del self.fields["saves_instance"]
        field: Any = self.fields["repository"]
        field.queryset = repositories
        if plan is None and len(found := repositories[:2]) == 1:
            field.initial = found[0]

    @property
    def values(self) -> dict[str, Any]:
        """What the service takes."""
        data = self.cleaned_data
        every = data["rhythm"]
        if not every.startswith("every"):
            every = f"{every} {(data['at'] or dt.time(2, 30)):%H:%M}"
        what = {"datasets": data["saves_datasets"], "files": data["saves_files"]}
        if data.get("saves_instance"):
            what = {"datasets": False, "files": False, "instance": True}
        return {"name": data["name"], "repository": data["repository"], "every": every, **what}


def initial(plan: Plan) -> dict[str, Any]:
    """What the form shows of a plan."""
    rhythm, at = plan.every, dt.time(2, 30)
    if not rhythm.startswith("every"):
        rhythm, _blank, clock = rhythm.rpartition(" ")
        at = dt.time.fromisoformat(clock)
    what = {"saves_datasets": plan.datasets, "saves_files": plan.files, "saves_instance": plan.instance}
    return {"name": plan.name, "repository": plan.repository_id, "rhythm": rhythm, "at": at, **what}


def rhythm_words(every: str) -> str:
    """A rhythm as people say it: «every day at 02:30»."""
    words = dict(RHYTHMS)
    if every in words:
        return str(words[every])
    head, _blank, clock = every.rpartition(" ")
    if head in words:
        return str(_("%(days)s at %(time)s") % {"days": words[head], "time": clock})
    return every
