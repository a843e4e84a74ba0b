"""What is known of each stored file; its bytes are in the storage named «files»."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.access.models import Project
from core.db import Record
from core.vault.fields import EncryptedTextField


class StoredFile(Record):
    """An encrypted file of a project, written once. Its row outlives it: erasing drops the key, then the bytes."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="files")
    name = EncryptedTextField()
    kind = models.SlugField(max_length=40)
    media_type = models.CharField(max_length=100, blank=True)
    size = models.PositiveBigIntegerField()
    """Clear bytes."""
    digest = models.CharField(max_length=64)
    """Blind index of the SHA-256 of the clear bytes: equal files of one project meet, and of two projects don't."""
    key = models.BinaryField()
    """The file's own key, sealed by the vault for this file."""
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
