"""What is said of a draft before it is published."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.access.models import Project
from core.access.scope import Scope, ScopedQuerySet
from core.db import Record
from ecrf.models.building import DESIGN
from ecrf.models.drafts import Draft
from ecrf.models.forms import FormVersion


class DraftComment(Record):
    """What somebody says about a question of a draft; answers hang on the comment that opened the thread."""

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="comments")
    item = models.CharField(max_length=100)
    thread = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="answers")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = models.CharField(_("comment"), max_length=2000)
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read=DESIGN, project="draft__project")

    class Meta:
        verbose_name = _("comment on a draft")
        ordering = ["created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(resolved_at=None, resolved_by=None) | Q(resolved_at__isnull=False, thread=None),
                name="threads_are_resolved_by_somebody",
            )
        ]

    def __str__(self) -> str:
        return f"{self.draft_id} {self.item}"

    @property
    def project_id(self) -> Any:
        return self.draft.project_id


class DraftReview(Record):
    """Somebody asked for a look at exactly this state of a draft, or approved it; it stays with what was published."""

    class Act(models.TextChoices):
        ASKED = "asked", _("asked for a review")
        APPROVED = "approved", _("approved")

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    draft = models.ForeignKey(Draft, null=True, on_delete=models.SET_NULL, related_name="reviews")
    version = models.ForeignKey(FormVersion, null=True, on_delete=models.PROTECT, related_name="reviews")
    act = models.CharField(max_length=10, choices=Act.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    hash = models.CharField(max_length=64)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("review of a draft")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.act} {self.hash[:8]}"
