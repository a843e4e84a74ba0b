"""What roles and persons may do with single pages of a form, and what of them they may export."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.access.models import Role
from core.access.scope import Scope, ScopedQuerySet
from core.db import Record
from ecrf.models.forms import Form


class PageRule(Record):
    """One line of the table of rights of a form.

    It speaks of a role, of a person, or, with neither, of everybody of whom no other line does. Without a page it is
    for every page that has no line of its own.
    """

    class Access(models.TextChoices):
        NONE = "none", pgettext_lazy("page", "hidden")
        READ = "read", _("read")
        EDIT = "edit", _("read and fill in")

    class Leaves(models.TextChoices):
        FULL = "full", _("everything")
        CODED = "coded", _("without what identifies")
        DEIDENTIFIED = "deidentified", _("de-identified")
        NONE = "none", _("nothing")

    form = models.ForeignKey(Form, on_delete=models.PROTECT, related_name="page_rules")
    role = models.ForeignKey(Role, null=True, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    page = models.CharField(max_length=100, blank=True)
    access = models.CharField(max_length=10, choices=Access)
    leaves = models.CharField(max_length=20, choices=Leaves, blank=True)
    """What of the page is exported; empty: everything that is read."""
    changed_at = models.DateTimeField(auto_now=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read="ecrf.manage_rights", project="form__project")

    class Meta:
        verbose_name = _("right on a page")
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint("form", "role", "person", "page", name="one_page_rule", nulls_distinct=False),
            models.CheckConstraint(condition=Q(role=None) | Q(person=None), name="page_rule_of_a_role_or_a_person"),
            models.CheckConstraint(
                condition=~Q(role=None, person=None) | Q(page=""), name="page_rule_of_everybody_has_no_page"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.form.key} {self.page} {self.access}"

    @property
    def project_id(self) -> Any:
        return self.form.project_id
