"""What is known of each stored file; its bytes are in the storage named «files»."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.access.models import Organisation, Project
from core.access.scope import Scope, ScopedQuerySet
from core.db import Record
from core.files.storage import Where
from core.vault.fields import EncryptedTextField, SealedBytesField


class StoredFile(Record):
    """An encrypted file of a project, written once. Its row outlives it: erasing drops the key, then the bytes."""

    project = models.ForeignKey(Project, null=True, on_delete=models.PROTECT, related_name="files")
    """Without one it is the instance's, and its key is sealed under the instance's own."""
    name = EncryptedTextField()
    kind = models.SlugField(max_length=40)
    media_type = models.CharField(max_length=100, blank=True)
    size = models.PositiveBigIntegerField()
    """Clear bytes."""
    digest = models.CharField(max_length=64)
    """Blind index of the SHA-256 of the clear bytes: equal files of one project meet, and of two projects don't."""
    key = SealedBytesField(context="files.key:{pk}")
    """The file's own key, sealed by the vault for this file."""
    place = models.CharField(max_length=4, choices=Where, default=Where.DISK, db_default=Where.DISK)
    """Where its bytes are."""
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    erased_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("file")
        indexes = [models.Index("project", "digest", name="files_by_content")]
        constraints = [
            models.CheckConstraint(
                condition=Q(erased_at=None) & ~Q(key=b"") | Q(erased_at__isnull=False, key=b""),
                name="erased_file_has_no_key",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def storage_name(self) -> str:
        """Where its bytes are: the id, spread over 256 folders."""
        return f"{self.pk.hex[:2]}/{self.pk.hex}"

    @property
    def key_context(self) -> str:
        return f"files.key:{self.pk}"


class Space(Record):
    """How much a project stores and may store; without a project, all the projects of the organisation together.

    Whoever stores or erases a file counts it here in the same transaction, so nobody ever adds up the files.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="spaces")
    project = models.OneToOneField(Project, null=True, on_delete=models.PROTECT, related_name="space")
    used = models.BigIntegerField(default=0, db_default=0)
    """Clear bytes of the files that aren't erased."""
    files = models.BigIntegerField(default=0, db_default=0)
    quota = models.PositiveBigIntegerField(_("limit"), null=True, blank=True)
    """Bytes it may store; null: as many as the settings say."""
    told = models.PositiveSmallIntegerField(default=0, db_default=0)
    """The mark, in percent, that those who look after it were told of last."""

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read="access.view_project", project="project")

    class Meta:
        verbose_name = _("storage")
        constraints = [
            models.UniqueConstraint("organisation", condition=Q(project=None), name="one_space_per_organisation"),
        ]

    def __str__(self) -> str:
        return str(self.project or self.organisation)

    @property
    def limit(self) -> int | None:
        """Bytes it may store; None where nothing limits it."""
        if self.quota is not None:
            return self.quota
        usual: int = settings.QUOTA_PROJECT if self.project_id else settings.QUOTA_ORGANISATION
        return usual or None

    @property
    def left(self) -> int | None:
        return None if self.limit is None else max(0, self.limit - self.used)

    @property
    def share(self) -> float | None:
        """How much of the limit is used, from 0 to 1 and beyond."""
        if self.limit is None:
            return None
        return self.used / self.limit if self.limit else 1.0
