"""What people fill in for agents, in the words of their duty; whether it is right is decided by the services."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backup.engine.agent import options as table
from backup.models import Agent, Plan, Repository
from backup.services.options import DUMPS, Orders
from backup.web.forms import RHYTHMS
from core.errors import Fault, Invalid
from core.web.forms import show_faults

ZONES = (
    "Europe/Paris",
    "America/Guadeloupe",
    "America/Martinique",
    "America/Cayenne",
    "Indian/Reunion",
    "Indian/Mayotte",
    "Pacific/Noumea",
    "Pacific/Tahiti",
    "America/Miquelon",
    "UTC",
)
"""Where the machines of French hospitals are; others are set over REST."""


class AgentForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("For example the machine’s own: pharmacy-3."))
    duty = forms.ChoiceField(
        label=_("What it does"), choices=Agent.Duty.choices, widget=forms.RadioSelect, initial="save"
    )
    repository = forms.ModelChoiceField(
        Repository.objects.none(), label=_("Repository"), help_text=_("A repository whose key is confirmed.")
    )

    def __init__(self, *args: Any, repositories: QuerySet[Repository], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["repository"]
        field.queryset = repositories
        if len(found := repositories[:2]) == 1:
            field.initial = found[0]


class Lines(forms.CharField):
    """Several values, one a line."""

    def __init__(self, **options: Any) -> None:
        rows = options.pop("rows", 4)
        super().__init__(
            required=options.pop("required", False),
            widget=forms.Textarea(attrs={"rows": rows, "spellcheck": "false", "class": "mono"}),
            strip=False,
            **options,
        )

    def clean(self, value: Any) -> list[str]:
        """The lines that say something."""
        return [line.strip() for line in str(super().clean(value) or "").splitlines() if line.strip()]

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value


class Words(forms.CharField):
    """Several words, separated by commas."""

    def clean(self, value: Any) -> list[str]:
        return [word.strip() for word in str(super().clean(value) or "").split(",") if word.strip()]

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value


class OrdersForm(forms.Form):
    """What a plan of any duty says: its name, when it runs, how fast it may be."""

    duty: str
    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("For example: every night."))
    rhythm = forms.ChoiceField(label=_("How often"), choices=RHYTHMS, initial="daily")
    at = forms.TimeField(
        label=_("Time of day"),
        required=False,
        initial=dt.time(2, 30),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=_("By the clock of the zone below. It doesn’t count for what runs every few hours."),
    )
    zone = forms.ChoiceField(label=_("Time zone"), required=False)
    limit_upload = forms.CharField(
        label=_("Bytes a second to send, at most"), required=False, help_text=_("500k or 2M; empty: no limit.")
    )
    limit_download = forms.CharField(label=_("Bytes a second to receive, at most"), required=False)
    windows = Lines(
        label=_("Other limits for a part of the day"), rows=2, help_text=_("One a line: mon-fri 08:00-18:00=500k")
    )
    workers = forms.IntegerField(
        label=_("Threads"), required=False, min_value=0, max_value=64, help_text=_("0: one a processor.")
    )
    retries = forms.IntegerField(label=_("Tries after a failure"), required=False, min_value=0, max_value=20, initial=2)
    MORE: ClassVar[tuple[str, ...]] = ("limit_upload", "limit_download", "windows", "workers", "retries")
    """What few need to change: it stands folded."""

    def __init__(self, *args: Any, repository: Repository, plan: Plan | None = None, **kwargs: Any) -> None:
        kwargs["initial"] = initial(plan) if plan is not None else usual(self.duty, repository)
        super().__init__(*args, **kwargs)
        field: Any = self.fields["zone"]
        known = dict.fromkeys([settings.TIME_ZONE, *ZONES, *([plan.zone] if plan is not None and plan.zone else [])])
        field.choices = [(name, name.replace("_", " ")) for name in known]

    @property
    def first(self) -> list[Any]:
        """What is filled in before the hour: all that is of this duty."""
        shared = {*OrdersForm.base_fields, *self.MORE} - {"name"}
        return [self[name] for name in self.fields if name not in shared]

    @property
    def hours(self) -> list[Any]:
        return [self[name] for name in ("rhythm", "at", "zone")]

    @property
    def more(self) -> list[Any]:
        return [self[name] for name in self.MORE]

    @property
    def is_more_wrong(self) -> bool:
        """Whether something folded must be seen."""
        return any(self[name].errors for name in self.MORE)

    @property
    def values(self) -> dict[str, Any]:
        """What the service takes."""
        data = self.cleaned_data
        every = data["rhythm"]
        if not every.startswith("every"):
            every = f"{every} {(data['at'] or dt.time(2, 30)):%H:%M}"
        names = {option.name for option in table.of(self.duty)}
        given = {name: value for name, value in data.items() if name in names and value is not None}
        what = {name: data[name] for name in ("source", "paths", "excludes", "streams") if name in data}
        return {"name": data["name"], "every": every, "zone": data["zone"], "orders": Orders(**what, options=given)}


def _parity() -> forms.IntegerField:
    return forms.IntegerField(
        label=_("Parity, in percent"),
        required=False,
        min_value=0,
        max_value=100,
        help_text=_("For a repository elsewhere: one of the portal keeps it as its page says."),
    )


class SaveForm(OrdersForm):
    duty = table.SAVE
    source = forms.CharField(
        label=_("Source"),
        max_length=120,
        help_text=_("The name under which its backups stand in a row, for example: pharmacy data."),
    )
    paths = Lines(label=_("Folders and files"), help_text=_("One a line, from the root: /srv/data"))
    streams = Lines(
        label=_("Dumps of databases"),
        rows=2,
        help_text=format_lazy(
            _("One a line: {one} or {other}. Beside folders they lie in the folder “streams” of the backup."),
            one=DUMPS[0],
            other=DUMPS[1],
        ),
    )
    excludes = Lines(label=_("What is left out"), help_text=_("One pattern a line, as in a .gitignore: *.tmp"))
    tags = Words(label=_("Tags"), required=False, help_text=_("Separated by commas."))
    skip_unchanged = forms.BooleanField(label=_("Make no backup where nothing has changed"), required=False)
    one_file_system = forms.BooleanField(label=_("Leave out what is mounted somewhere below"), required=False)
    freeze = forms.BooleanField(
        label=_("Save snapshots of the file systems that make some"),
        required=False,
        help_text=_(
            "On btrfs all files are then those of one moment. The agent needs the right to mount, as "
            "suite-backup agent unit --freeze gives it."
        ),
    )
    exclude_caches = forms.BooleanField(label=_("Leave out folders marked as caches"), required=False)
    exclude_if_present = Words(
        label=_("Leave out folders that hold a file named"), required=False, help_text=_("For example: .nobackup")
    )
    exclude_larger_than = forms.IntegerField(
        label=_("Leave out files of more bytes than"), required=False, min_value=0, help_text=_("0: none.")
    )
    parity = _parity()
    MORE = (
        "one_file_system",
        "freeze",
        "exclude_caches",
        "exclude_if_present",
        "exclude_larger_than",
        "parity",
        *OrdersForm.MORE,
    )


def _count(label: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=20, required=False, widget=forms.TextInput(attrs={"size": 12}))


class KeepForm(OrdersForm):
    duty = table.KEEP
    keep_last = _count(_("Newest backups that stay"))
    keep_daily = _count(_("Days of which one stays"))
    keep_weekly = _count(_("Weeks of which one stays"))
    keep_monthly = _count(_("Months of which one stays"))
    keep_yearly = _count(_("Years of which one stays"))
    keep_within = forms.CharField(
        label=_("All that are no older than"), max_length=20, required=False, help_text=_("30d, 12h or 1y6m")
    )
    keep_tags = Words(label=_("Those with one of these tags"), required=False, help_text=_("Separated by commas."))
    grace_days = forms.IntegerField(
        label=_("Days for which what is to go can be called back"), min_value=1, max_value=3650, initial=7
    )
    prune = forms.BooleanField(label=_("Give back the room of what nothing needs any more"), required=False)
    keep_hourly = _count(_("Hours of which one stays"))
    keep_quarterly = _count(_("Quarters of which one stays"))
    keep_thirteen_weekly = _count(_("Thirteen weeks of which one stays"))
    group_by = Words(
        label=_("What is counted apart"), required=False, help_text=_("source, host, paths or tags, by commas.")
    )
    max_unused = forms.CharField(
        label=_("Waste that may stay"),
        max_length=20,
        required=False,
        help_text=_("5%, 2G or unlimited; empty: as is best."),
    )
    parity = _parity()
    MORE = (
        "keep_hourly",
        "keep_quarterly",
        "keep_thirteen_weekly",
        "group_by",
        "max_unused",
        "parity",
        *OrdersForm.MORE,
    )


class CheckForm(OrdersForm):
    duty = table.CHECK
    read_days = forms.IntegerField(
        label=_("Days in which everything is read once"),
        min_value=0,
        max_value=3650,
        help_text=_("A part each day; 0: only what lists the data is read."),
    )
    read_data = forms.BooleanField(label=_("Read and verify every byte each time"), required=False)
    scan = forms.BooleanField(
        label=_("Vouch for what is sound and condemn what isn’t"),
        required=False,
        help_text=_("What is vouched for isn’t stored again by other machines; what is condemned is stored anew."),
    )
    drill_files = forms.IntegerField(
        label=_("Files of each backup that are restored for a trial"), min_value=0, max_value=100_000
    )
    drill_older = forms.IntegerField(
        label=_("Older backups that are tried beside the newest"), min_value=0, max_value=100
    )


FORMS: Mapping[Agent.Duty, type[OrdersForm]] = {
    Agent.Duty.SAVE: SaveForm,
    Agent.Duty.KEEP: KeepForm,
    Agent.Duty.CHECK: CheckForm,
}


LEGENDS = {Agent.Duty.SAVE: _("Saving"), Agent.Duty.KEEP: _("Forgetting and pruning"), Agent.Duty.CHECK: _("Checking")}


@dataclass(frozen=True)
class Section:
    legend: Any
    fields: list[Any]
    is_open: bool


class DefaultsForm(forms.Form):
    """What holds for the plans of a repository that say nothing else, in the words of their own forms."""

    excludes = Lines(label=_("What is left out"), help_text=_("One pattern a line, beside those of the plan."))

    def __init__(self, *args: Any, repository: Repository, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for duty, form in FORMS.items():
            for name, field in form.base_fields.items():
                if name in table.BY_NAME and name not in self.fields:
                    self.fields[name] = copy.deepcopy(field)
                    self.fields[name].required = False
            self.initial.update(repository.options_for(duty))
        self.initial["excludes"] = repository.plan_excludes

    @property
    def sections(self) -> list[Section]:
        """Fields by what they are about: saving, keeping, checking, all of it."""
        found = []
        for duty in Agent.Duty:
            names = [option.name for option in table.OPTIONS if option.duties == (duty,)]
            found.append(self._section(LEGENDS[duty], ["excludes", *names] if duty == Agent.Duty.SAVE else names))
        shared = [option.name for option in table.OPTIONS if len(option.duties) > 1]
        return [*found, self._section(_("Speed and tries"), shared)]

    def _section(self, legend: Any, names: list[str]) -> Section:
        """It stands open where something of it is set, or wrong."""
        fields = [self[name] for name in names if name in self.fields]
        said = any(self.initial[name] != table.BY_NAME[name].default for name in names if name in table.BY_NAME)
        return Section(legend, fields, is_open=said or any(field.errors for field in fields))

    @property
    def values(self) -> dict[str, Any]:
        """What the service takes. What has no field stays as it is."""
        data = self.cleaned_data
        shown = {name: data[name] for name in table.BY_NAME if data.get(name) is not None}
        unshown = {name: self.initial[name] for name in table.BY_NAME if name not in self.fields}
        return {"options": unshown | shown, "excludes": data["excludes"]}


def usual(duty: str, repository: Repository) -> dict[str, Any]:
    """What a form shows before anybody said anything."""
    found = repository.options_for(duty) | {"zone": settings.TIME_ZONE}
    says_what_stays = any(name.startswith("keep_") for name in repository.plan_options)
    if duty == table.KEEP and not says_what_stays:
        found |= {"keep_daily": "14", "keep_weekly": "8", "keep_monthly": "24"}
    return found


def initial(plan: Plan) -> dict[str, Any]:
    """What a form shows of a plan."""
    rhythm, at = plan.every, dt.time(2, 30)
    if not rhythm.startswith("every"):
        rhythm, _blank, clock = rhythm.rpartition(" ")
        at = dt.time.fromisoformat(clock)
    what = {name: getattr(plan, name) for name in ("name", "source", "paths", "excludes", "streams")}
    return {**plan.settled, **what, "rhythm": rhythm, "at": at, "zone": plan.zone or settings.TIME_ZONE}


def show_orders(form: OrdersForm | DefaultsForm, error: Invalid) -> None:
    """Put each fault at its field: that of a list at the list, with the number of its line."""
    faults = []
    for fault in error.faults:
        name, _dot, number = fault.place.removeprefix("options.").partition(".")
        message = str(fault.message)
        if number.isdecimal():
            message = gettext("Line %(number)d: %(message)s") % {"number": int(number) + 1, "message": message}
        faults.append(Fault(name if name in form.fields else fault.place, fault.code, message))
    show_faults(form, Invalid(faults, error.message))
