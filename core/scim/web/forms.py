from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.access.models import Project, Role
from core.scim import rulebook
from core.scim.models import Group
from core.web.forms import offer

if TYPE_CHECKING:
    from core.access.models import Organisation


class TokenForm(forms.Form):
    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("Which directory uses it: it helps to know which one to revoke.")
    )


class RuleForm(forms.Form):
    group = forms.ModelChoiceField(label=_("Group"), queryset=Group.objects.none(), empty_label=_("Choose a group"))
    project = forms.ModelChoiceField(
        label=_("Where"),
        queryset=Project.objects.none(),
        required=False,
        empty_label=_("The organisation itself"),
    )
    roles = forms.ModelMultipleChoiceField(
        label=_("Roles"), queryset=Role.objects.none(), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, organisation: Organisation, **options: Any) -> None:
        super().__init__(*args, **options)
        offer(self, "group", rulebook.groups(organisation))
        offer(self, "project", rulebook.projects(organisation))
        offer(self, "roles", rulebook.roles(organisation))
