"""Access that somebody opened to himself because a patient couldn't wait."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.access.models.memberships import Membership
from core.access.models.places import Project
from core.access.scope import Scope, ScopedQuerySet
from core.db import Record


class Emergency(Record):
    """One opening: by whom, why, until when; and what the data controller says of it afterwards.

    What it gives is a membership of the kind `emergency`, so that every rule counts for it as for any other.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="emergencies")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="emergencies")
    membership = models.OneToOneField(Membership, on_delete=models.PROTECT, related_name="emergency")
    reason = models.TextField(_("reason"))
    ends_at = models.DateTimeField(_("until"))
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    seen_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    seen_at = models.DateTimeField(null=True, blank=True)
    comment = models.TextField(blank=True)

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read="access.oversee_access", project="project")

    class Meta:
        verbose_name = _("emergency access")
        ordering: ClassVar = ["-created_at"]
        constraints: ClassVar = [
            models.UniqueConstraint("user", "project", condition=Q(ended_at=None), name="one_emergency_at_a_time"),
        ]

    def __str__(self) -> str:
        return f"{self.user} @ {self.project}"
