"""The work on a draft: its earlier states, what people say about its questions, who looked at it and approved it."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.access.models import Project
from core.access.scope import Scope, ScopedQuerySet
from core.db import Record
from ecrf.models.drafts import Draft

DESIGN = "ecrf.design_forms"


class DraftState(Record):
    """A draft as somebody left it; the newest ones are kept, to be gone back to."""

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="states")
    revision = models.PositiveIntegerField()
    definition = models.JSONField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("state of a draft")
        ordering = ["-revision"]
        constraints = [models.UniqueConstraint("draft", "revision", name="one_state_per_revision")]

    def __str__(self) -> str:
        return f"{self.draft_id} {self.revision}"


class DesignRule(Record):
    """How a project lets forms be published."""

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="+")
    needs_approval = models.BooleanField(
        _("A second person approves each version before it is published"), default=False
    )

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read=DESIGN)

    class Meta:
        verbose_name = _("rule of publishing")

    def __str__(self) -> str:
        return str(self.project)
