"""What is saved, where to and when."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from backup.models.repositories import Repository
from backup.permissions import VIEW
from core.access.models import Project
from core.access.scope import Scope, ScopedQuerySet
from core.db import Record
from core.jobs import rhythm


def shown(source: str, project: Project) -> str:
    """A source as the pages of its project name it: what this server saves is called after project and plan."""
    return source.removeprefix(f"{project.slug}: ")


class Plan(Record):
    """What is done again and again, in its owner's name: by this server, or by an agent on its own machine.

    The server saves a project's datasets, files or both. An agent saves paths and streams, or looks after the
    repository (its duty says which).
    """

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="backup_plans")
    repository = models.ForeignKey(Repository, on_delete=models.PROTECT, related_name="plans")
    name = models.CharField(_("name"), max_length=80)
    datasets = models.BooleanField(_("the datasets, every version"), default=True)
    files = models.BooleanField(_("the files"), default=True)
    instance = models.BooleanField(_("the whole instance"), default=False, db_default=False)
    """The suite's own database and every stored file of all projects: for who runs the instance."""
    agent = models.ForeignKey("Agent", null=True, blank=True, on_delete=models.PROTECT, related_name="plans")
    source = models.CharField(_("source"), max_length=120, blank=True, default="", db_default="")
    """The name of the row of snapshots that an agent makes."""
    paths = ArrayField(models.CharField(max_length=4000), blank=True, default=list, db_default=[])
    excludes = ArrayField(models.CharField(max_length=500), blank=True, default=list, db_default=[])
    streams = ArrayField(models.CharField(max_length=500), blank=True, default=list, db_default=[])
    """Dumps besides, as the command line names them: ``postgresql:service=app``."""
    options = models.JSONField(default=dict, blank=True, db_default={})
    """What else an agent must know and the repository doesn't say for all of its plans (backup.services.options)."""
    every = models.CharField(_("when"), max_length=60, default="daily 02:30")
    zone = models.CharField(_("time zone"), max_length=60, blank=True, default="", db_default="")
    """Empty for the instance's own."""
    counted_from = models.DateTimeField(null=True, blank=True)
    """When the rhythm was last set: turns before it aren't missed."""
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read=VIEW)

    class Meta:
        verbose_name = _("backup plan")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                "project",
                "name",
                name="one_backup_plan_per_name",
                condition=Q(ended_at=None),
                violation_error_message=_("The project has a plan of this name."),
            ),
            models.CheckConstraint(
                condition=Q(datasets=True) | Q(files=True) | Q(instance=True) | Q(agent__isnull=False),
                name="backup_plan_does_something",
                violation_error_message=_("Choose at least one thing to save."),
            ),
            models.CheckConstraint(
                condition=Q(instance=False) | Q(agent=None, datasets=False, files=False),
                name="backup_instance_plan_is_whole",
                violation_error_message=_("The whole instance is saved by the server itself, in a plan of its own."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("backup:plan", args=[self.project.slug, self.pk])

    @property
    def row(self) -> str:
        """The name of the row of snapshots that it makes; of one that makes none, its own."""
        if self.agent_id is None:
            return f"{self.project.slug}: {self.name}"
        return self.source or self.name

    @property
    def settled(self) -> dict[str, Any]:
        """Every option of its agent's duty: its own word, else that of its repository, else the usual one."""
        inherited = {} if self.agent is None else self.repository.options_for(self.agent.duty)
        return {**inherited, **self.options}

    @property
    def left_out(self) -> list[str]:
        """Its patterns after those of its repository."""
        return list(dict.fromkeys([*self.repository.plan_excludes, *self.excludes]))

    def turn_after(self, moment: datetime) -> datetime:
        """When it is due next, seen from then."""
        return rhythm.parse(self.every).after(moment, ZoneInfo(self.zone or settings.TIME_ZONE))

    def late_after(self, last: datetime) -> datetime:
        """When a plan that last succeeded then has missed a whole turn."""
        return self.turn_after(self.turn_after(last))
