"""What changed in a row, from what to what: written by PostgreSQL itself, which refuses to change or delete it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.access import queries as access_queries
from core.access.models import Project
from core.audit.database import ClockTimestamp
from core.journal import queries as journal

if TYPE_CHECKING:
    from core.access.scope import Actor


class ChangeQuerySet(models.QuerySet["Change"]):
    def visible_to(self, actor: Actor) -> Self:
        """Those of the projects whose audit trail the actor reads, of the organisations that he administers, and where
        he runs the instance, those of no project.
        """
        projects = Project.objects.visible_to(actor, journal.READ)
        administered = access_queries.administered(actor)
        allowed = Q(project_id__in=projects.values("pk"))
        allowed |= Q(project_id=None, organisation_id__in=administered.values("pk"))
        return self.filter(allowed | Q(project_id=None) if journal.reads_instance(actor) else allowed)


class Change(models.Model):
    """One change of one row: only the columns that differ, what is secret as dots.

    Who did it is taken from the audit event of the same transaction; where there is none, it was done past the suite.
    """

    class Act(models.TextChoices):
        INSERT = "insert", _("made")
        UPDATE = "update", _("changed")
        DELETE = "delete", _("deleted")

    at = models.DateTimeField(db_default=ClockTimestamp())
    kind = models.CharField(max_length=60)
    key = models.CharField(max_length=60)
    act = models.CharField(max_length=6, choices=Act)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    project_id = models.UUIDField(null=True)
    organisation_id = models.UUIDField(null=True)
    actor_id = models.UUIDField(null=True)
    event_id = models.BigIntegerField(null=True)
    request_id = models.CharField(max_length=32, blank=True)
    channel = models.CharField(max_length=10, blank=True)

    objects = ChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("change")
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["kind", "key", "-id"], name="changes_of_thing"),
            models.Index(fields=["project_id", "-id"], name="changes_of_project"),
        ]
