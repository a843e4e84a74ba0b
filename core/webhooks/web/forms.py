from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core import tool
from core.web.forms import offer
from core.webhooks.models import Endpoint

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    Words = _StrPromise | str


def by_tool() -> Iterator[tuple[Words, list[tuple[str, Words]]]]:
    """The events as choices: the project's own first, then those of each tool under its name."""
    groups: dict[Words, list[tuple[str, Words]]] = {_("The project"): []}
    for room in tool.rooms():
        heading = room.label_ if isinstance(room, tool.ToolConfig) else _("The project")
        groups.setdefault(heading, []).extend((code, room.audit_actions[code]) for code in room.webhooks)
    return ((heading, choices) for heading, choices in groups.items() if choices)


class ChangeForm(forms.Form):
    description = forms.CharField(
        label=_("Name"), max_length=120, required=False, help_text=_("What it is for: it helps to know it again.")
    )
    events = forms.MultipleChoiceField(
        label=_("Tell it when somebody"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("It learns what happened to which thing, by ids only, and never what the thing holds."),
    )

    def __init__(self, *args: Any, endpoint: Endpoint | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        offer(self, "events", by_tool())
        if endpoint is not None:
            self.initial = {**self.initial, "description": endpoint.description, "events": endpoint.events}


class NewForm(ChangeForm):
    url = forms.CharField(
        label=_("Address"), max_length=500, help_text=_("It begins with https:// and is reached over the internet.")
    )
    field_order = ("url", "description", "events")


class ReplayForm(forms.Form):
    hours = forms.TypedChoiceField(
        label=_("What happened in the last"),
        coerce=int,
        choices=[(1, _("hour")), (24, _("one day")), (24 * 7, _("week")), (24 * 30, _("thirty days"))],
    )
