from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import tool
from core.web.forms import DayInput, offer

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    Words = _StrPromise | str


def by_tool(held: Collection[str]) -> Iterator[tuple[Words, list[tuple[str, Words]]]]:
    """These permissions as choices: the project's own first, then those of each tool under its name."""
    groups: dict[Words, list[tuple[str, Words]]] = {_("The project"): []}
    for room in tool.rooms():
        own = [(permission.code, permission.label) for permission in room.permissions if permission.code in held]
        heading = room.label_ if isinstance(room, tool.ToolConfig) else _("The project")
        groups.setdefault(heading, []).extend(own)
    return ((heading, choices) for heading, choices in groups.items() if choices)


class TokenForm(forms.Form):
    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("What will use it: it helps to know which one to revoke.")
    )
    expires_at = forms.DateField(label=_("Works until"), widget=DayInput, help_text=_("A year at most."))
    permissions = forms.MultipleChoiceField(
        label=_("What it may do"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Never more than you may do yourself at that moment."),
    )

    def __init__(self, *args: Any, held: Collection[str], **options: Any) -> None:
        super().__init__(*args, **options)
        offer(self, "permissions", by_tool(held))
        self.fields["expires_at"].initial = timezone.localdate() + timedelta(days=90)
