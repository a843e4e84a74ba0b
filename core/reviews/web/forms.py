from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.reviews import queries
from core.web.forms import DayInput, offer

if TYPE_CHECKING:
    from core.access.services.granting import Place
    from core.accounts.models import User


class CampaignForm(forms.Form):
    place = forms.ChoiceField(
        label=_("What is reviewed"), help_text=_("An organisation is reviewed with all its projects.")
    )
    name = forms.CharField(label=_("Name"), max_length=120, help_text=_("For instance “Second half of 2026”."))
    due_on = forms.DateField(
        label=_("Due on"), widget=DayInput, help_text=_("Who hasn’t finished is reminded a week and a day before.")
    )

    def __init__(self, *args: Any, actor: User, **options: Any) -> None:
        super().__init__(*args, **options)
        organisations, projects = queries.places(actor)
        self.places: dict[str, Place] = {f"organisation {each.slug}": each for each in organisations}
        self.places |= {f"project {each.slug}": each for each in projects}
        grouped = [
            (_("Organisations"), [(f"organisation {each.slug}", str(each)) for each in organisations]),
            (_("Projects"), [(f"project {each.slug}", str(each)) for each in projects]),
        ]
        offer(self, "place", [(heading, choices) for heading, choices in grouped if choices])

    @property
    def place_chosen(self) -> Place:
        return self.places[self.cleaned_data["place"]]


class RevokeForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It stands in the evidence and in the audit trail."),
    )
