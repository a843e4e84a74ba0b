"""What was done to the lines of a prescription, so that it can be undone; and how a project has them reviewed."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.access.models import Project
from core.access.scope import Scope, ScopedQuerySet
from core.db import Record
from core.vault.fields import EncryptedJSONField
from prescriptions import permissions
from prescriptions.models.documents import Document, Line


class Step(Record):
    """One act on the lines of a prescription: what each of them was before, and what it was afterwards."""

    class Act(models.TextChoices):
        CORRECT = "correct", _("Correction")
        CHOOSE = "choose", _("Product chosen")
        SETTLE = "settle", _("Decision")
        SPLIT = "split", _("Split")
        MERGE = "merge", _("Merge")
        ADD = "add", _("Line added")

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="steps")
    number = models.PositiveIntegerField()
    act = models.CharField(max_length=8, choices=Act)
    field = models.CharField(max_length=60, blank=True, default="")
    """Of a correction: which field."""
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    changes = EncryptedJSONField(project="document__project")
    """`[{line, before, after}]`: how the row was and is; none before it was made, none once it is gone."""
    undone = models.BooleanField(default=False)

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read=permissions.READ, project="document__project")

    class Meta:
        verbose_name = _("step of a review")
        ordering = ["document", "number"]
        constraints = [models.UniqueConstraint("document", "number", name="one_step_per_number")]

    def __str__(self) -> str:
        return f"{self.document} · {self.number}"


class Rules(Record):
    """How the prescriptions of a project are reviewed: by one person or two, with or without second opinions."""

    project = models.OneToOneField(Project, on_delete=models.PROTECT, related_name="+")
    double = models.BooleanField(_("two people read each prescription"), default=False)
    opinions = models.BooleanField(_("a second opinion is asked for where a line isn’t sure"), default=False,
                                   db_default=False)  # fmt: skip

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read=permissions.READ)

    class Meta:
        verbose_name = _("rules of review")

    def __str__(self) -> str:
        return str(self.project)


class Clearance(Record):
    """What a person decided about a line that was held back from the gold data because it may tell who somebody is."""

    line = models.OneToOneField(Line, on_delete=models.CASCADE, related_name="clearance")
    leaves = models.BooleanField()
    revision = models.PositiveIntegerField()
    """Of the line when it was decided: once it has changed, it is looked at again."""
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read=permissions.READ, project="line__document__project")

    class Meta:
        verbose_name = _("clearance of a line")

    def __str__(self) -> str:
        return str(self.line)
