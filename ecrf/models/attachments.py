"""The files that questions hold: images, drawings, signatures, documents."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.access.scope import Scope
from core.db import Record
from core.files.models import StoredFile
from core.vault.fields import EncryptedTextField
from ecrf.models.forms import Form
from ecrf.models.paged import Paged, PagedQuerySet
from ecrf.models.subjects import Subject

PREFIX = "sha256:"
"""How the value of a question names its file; the digest follows, in 64 hexadecimal digits."""


class Attachment(Record):
    """A file of one subject, encrypted under the key of the project; the value of its question names it by its digest.

    It belongs to a record from the first save that names it (`claimed_at`) and then stays, for the history shows it
    also when the question holds another file. What nobody saved is erased after a day.
    """

    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="attachments")
    form = models.ForeignKey(Form, on_delete=models.PROTECT, related_name="attachments")
    page = models.CharField(max_length=100)
    item = models.CharField(max_length=100)
    mark = models.CharField(max_length=64)
    """Blind index of the digest: finds the file of a value, and tells nobody which file it is."""
    digest = EncryptedTextField(project="subject__project")
    """SHA-256 of the clear bytes, hexadecimal."""
    name = EncryptedTextField(project="subject__project")
    media_type = models.CharField(max_length=100)
    """Found in the content, not in the name."""
    size = models.PositiveBigIntegerField()
    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT, related_name="+")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    claimed_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)

    objects = PagedQuerySet.as_manager()
    scope: ClassVar = Scope(read="ecrf.read_records", project="subject__project", site="subject__site")
    paged: ClassVar = Paged("form", "subject__site", page="page")

    class Meta:
        verbose_name = _("file of a record")
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint(
                "subject",
                "form",
                "item",
                "mark",
                condition=models.Q(removed_at=None),
                name="one_attachment_per_content",
            ),
        ]
        indexes = [
            models.Index(
                "created_at", condition=models.Q(claimed_at=None, removed_at=None), name="attachments_unclaimed"
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def project_id(self) -> Any:
        return self.subject.project_id

    @property
    def value(self) -> str:
        """What its question holds."""
        return f"{PREFIX}{self.digest}"

    @property
    def is_image(self) -> bool:
        return self.media_type in ("image/png", "image/jpeg")
