"""Where snapshots are kept, and the key with which the server may add to them but read nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from backup.engine.agent import options as table
from backup.permissions import VIEW
from core.access.models import Project
from core.access.scope import Scope, ScopedQuerySet
from core.db import Record
from core.vault.fields import EncryptedTextField

PLACE = "place:"
"""How `folder` begins where a repository isn't on this server."""


class Repository(Record):
    """A repository of one project. Its master key was made by a person who keeps it, and was never here."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="backup_repositories")
    name = models.CharField(_("name"), max_length=80)
    folder = models.CharField(max_length=300, blank=True)
    """One of settings.BACKUP_FOLDERS, or `place:` and the name of one of settings.BACKUP_PLACES; empty for the suite's
    own data folder."""
    repository_id = models.CharField(max_length=32, unique=True)
    """Of the format: also names the folder."""
    writer_key = EncryptedTextField(blank=True)
    """A keyfile that can add and opens nothing; empty where only agents save."""
    lister_key = EncryptedTextField(null=True, blank=True)
    """A keyfile that opens the log of snapshots and nothing else: with it the server watches."""
    isolated = models.BooleanField(default=False, db_default=False)
    quota = models.PositiveBigIntegerField(_("quota"), null=True, blank=True)
    """Bytes that its objects may take; none where it is empty."""
    used = models.PositiveBigIntegerField(default=0, db_default=0)
    """Bytes that its objects take, counted with each and measured anew every day."""
    parity = models.PositiveSmallIntegerField(_("parity"), default=0, db_default=0)
    """Percent of what mends objects that the disk lets rot, kept with whatever is stored."""
    plan_options = models.JSONField(default=dict, blank=True, db_default={})
    """What plans of agents say of their options unless they say otherwise themselves (backup.services.options)."""
    plan_excludes = ArrayField(models.CharField(max_length=500), blank=True, default=list, db_default=[])
    """What each plan of an agent leaves out beside its own patterns."""
    control_code = models.CharField(max_length=9)
    """Stands in the master keyfile; who types it has the file."""
    has_passphrase = models.BooleanField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)

    watched_at = models.DateTimeField(null=True, blank=True)
    """When the server last looked at the row of snapshots in it."""

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read=VIEW)

    class Meta:
        verbose_name = _("backup repository")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                "project",
                "name",
                name="one_backup_repository_per_name",
                violation_error_message=_("The project has a repository of this name."),
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at=None, confirmed_by=None)
                | Q(confirmed_at__isnull=False, confirmed_by__isnull=False),
                name="backup_key_confirmed_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(parity__lte=100),
                name="backup_parity_is_a_percentage",
                violation_error_message=_("Parity is a number from 0 to 100."),
            ),
            models.CheckConstraint(
                condition=Q(folder="") | Q(folder__regex=r"^(/|place:[a-z0-9][a-z0-9-]{0,39}$)"),
                name="backup_repository_lies_somewhere",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("backup:repository", args=[self.project.slug, self.pk])

    @property
    def place(self) -> str:
        """The name of the place that it lies in; empty where it is in a folder of this server."""
        return self.folder.removeprefix(PLACE) if self.folder.startswith(PLACE) else ""

    @property
    def path(self) -> Path:
        """The folder of the objects, where it is on this server."""
        parent = Path(self.folder) if self.folder else settings.DATA_DIR / "backups"
        return parent / self.repository_id

    @property
    def memory(self) -> Path:
        """Where the server remembers what it has written: beside its data, since it can't read it back."""
        return Path(settings.DATA_DIR) / "backup-memory" / self.repository_id

    @property
    def cache(self) -> Path:
        """Where the server keeps small objects of a repository that lies elsewhere, encrypted as they are there."""
        return Path(settings.DATA_DIR) / "backup-cache" / self.repository_id

    def options_for(self, duty: str) -> dict[str, Any]:
        """What a plan of this duty has that says nothing of its own."""
        return {option.name: self.plan_options.get(option.name, option.default) for option in table.of(duty)}

    @property
    def is_confirmed(self) -> bool:
        """Whether somebody has shown that the key is kept: nothing is saved before."""
        return self.confirmed_at is not None

    @property
    def saves_here(self) -> bool:
        """Whether the server holds a key to save into it by itself; without one, only agents save."""
        return bool(self.writer_key)

    @property
    def is_beside_the_data(self) -> bool:
        """Whether it lies on the disk it is meant to outlive."""
        return not self.folder
