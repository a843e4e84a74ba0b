"""The answer to a question asked of one immutable version: computed once, sealed, found again by its content."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from core.access.models import Project
from core.access.scope import Scope, ScopedQuerySet
from core.datasets.models import DatasetVersion
from core.db import Record
from core.vault.fields import EncryptedJSONField
from lowcode.permissions import RUN


class StoredResult(Record):
    """What a query gave on a version. The same question to the same version has the same answer for ever."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey(DatasetVersion, on_delete=models.PROTECT, related_name="+")
    fingerprint = models.CharField(max_length=64)
    """Hash of the canonical query."""
    content = EncryptedJSONField()
    whole = models.BooleanField()
    """Every group is there with its supports, in no order: only such a result can be masked."""
    seconds = models.FloatField()
    used_at = models.DateTimeField(default=timezone.now)

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read=RUN)

    class Meta:
        constraints = [models.UniqueConstraint("version", "fingerprint", name="one_answer_per_question")]
        indexes = [models.Index(fields=["project", "used_at"], name="results_last_used")]

    def __str__(self) -> str:
        return f"{self.version_id} {self.fingerprint[:12]}"
