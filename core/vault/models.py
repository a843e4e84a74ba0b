"""The data keys of the projects, wrapped."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.access.models import Project
from core.db import Record


class ProjectKey(Record):
    """A key of a project, sealed under the instance key; without a project, the instance's own.

    Data keys seal, and are renewed by a new version; the index key makes the blind indexes and stays the same.

    `wrapped` is a sealed value (core.vault.engine) whose header carries the version of the instance key. Destroying a
    key empties it and keeps the row, so that what became of the data can be told.
    """

    class Purpose(models.TextChoices):
        DATA = "data", _("seals values")
        INDEX = "index", _("makes the blind indexes")

    project = models.ForeignKey(Project, null=True, on_delete=models.PROTECT, related_name="keys")
    purpose = models.CharField(max_length=5, choices=Purpose, default=Purpose.DATA, db_default=Purpose.DATA)
    version = models.PositiveIntegerField()
    wrapped = models.BinaryField()
    destroyed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["version"]
        verbose_name = _("encryption key")
        constraints = [
            models.UniqueConstraint("project", "purpose", "version", name="one_key_per_version", nulls_distinct=False),
            models.CheckConstraint(condition=Q(version__gte=1, version__lte=65535), name="key_version_fits_header"),
            models.CheckConstraint(
                condition=Q(destroyed_at=None) & ~Q(wrapped=b"") | Q(destroyed_at__isnull=False, wrapped=b""),
                name="destroyed_key_is_empty",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project_id or 'instance'} v{self.version}"

    @property
    def context(self) -> str:
        """What the wrapped key is bound to, besides its project."""
        use = "index" if self.purpose == self.Purpose.INDEX else "key"
        return f"vault.project-{use}:{self.version}"
