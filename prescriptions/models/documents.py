"""An ordonnance as it was pasted or sent as a file, and the lines read from it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.access.models import Project
from core.access.scope import Scope, ScopedQuerySet
from core.db import Record
from core.files.models import StoredFile
from core.vault.fields import EncryptedJSONField, EncryptedTextField
from prescriptions import engine, permissions


class Document(Record):
    """One text. `number` names it, since a name could tell who the patient is; `reading` is all that isn't a line."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("To review")
        REVIEWED = "reviewed", _("Reviewed")

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="prescriptions")
    number = models.PositiveIntegerField(_("number"))
    """Both readings of a prescription have its number."""
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = EncryptedTextField(project="project")
    reading = EncryptedJSONField(project="project")
    reference = models.CharField(max_length=80)
    """The list of medicines it was read with."""
    file = models.OneToOneField(StoredFile, null=True, on_delete=models.PROTECT, related_name="+")
    """What it was read from, as it was sent; none where the text was pasted."""
    scan = EncryptedJSONField(project="project", null=True)
    """Where each word of the text stands on the pages of the file (`engine.scans.packing`)."""
    digest = models.CharField(max_length=64, blank=True, default="", db_default="")
    """Blind index of the bytes of the file: the same file isn't read twice in a project."""
    assigned_to = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    twin_of = models.OneToOneField("self", null=True, on_delete=models.CASCADE, related_name="twin")
    """The first reading, where this is the second one, made by another person who doesn't see it."""
    read_at = models.DateTimeField(null=True)
    """Where two people read: when this one had finished. The review ends once the two readings have been compared."""
    as_read = EncryptedJSONField(project="project", null=True)
    """Of a first reading that was made one with the second: its lines as they were until then."""
    status = models.CharField(_("state"), max_length=8, choices=Status, default=Status.DRAFT)
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    deleted_at = models.DateTimeField(null=True)
    deleted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read=permissions.READ)

    class Meta:
        verbose_name = _("prescription")
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                "project", "number", condition=Q(twin_of=None), name="one_prescription_for_each_number"
            ),
            models.UniqueConstraint("project", "digest", condition=~Q(digest=""), name="one_prescription_per_file"),
            models.CheckConstraint(
                condition=Q(status="draft", reviewed_at=None, reviewed_by=None)
                | Q(status="reviewed", reviewed_at__isnull=False, reviewed_by__isnull=False),
                name="review_has_somebody",
            ),
            models.CheckConstraint(
                condition=Q(deleted_at=None, deleted_by=None) | Q(deleted_at__isnull=False, deleted_by__isnull=False),
                name="deletion_has_somebody",
            ),
        ]

    def __str__(self) -> str:
        if self.twin_of is not None:
            return str(_("Prescription %(number)s, second reading") % {"number": self.twin_of.number})
        return str(_("Prescription %(number)s") % {"number": self.number})

    def get_absolute_url(self) -> str:
        return reverse("prescriptions:document", args=[self.project.slug, self.pk])

    @property
    def is_open(self) -> bool:
        """Whether its lines may still be changed."""
        return self.status == self.Status.DRAFT and self.read_at is None and self.deleted_at is None


class Line(Record):
    """One medicine with its posology. `reading` holds the values and their evidence; `revision` counts corrections."""

    class State(models.TextChoices):
        WAITING = "waiting", _("To review")
        VALIDATED = "validated", _("Validated")
        REJECTED = "rejected", _("Set aside")
        UNREAD = "unread", _("Illegible")

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveIntegerField()
    reading = EncryptedJSONField(project="document__project")
    uncertain = models.PositiveIntegerField(default=0)
    """How many fields the reader is unsure of: lists need not open the reading."""
    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    revision = models.PositiveIntegerField(default=0)
    product = EncryptedTextField(project="document__project", null=True)
    """The CIS code of the product that a person chose among the candidates."""
    opinion = EncryptedJSONField(project="document__project", null=True)
    """A second opinion (`opinions.py`), where the line wasn't sure and something was said that can be believed."""
    seconds = models.PositiveIntegerField(default=0, db_default=0)
    """For how long people worked on it, as the workbench measured."""
    corrected_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    settled_at = models.DateTimeField(null=True)

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read=permissions.READ, project="document__project")

    class Meta:
        verbose_name = _("line")
        ordering = ["document", "position"]
        constraints = [
            models.UniqueConstraint("document", "position", name="one_line_per_position"),
            models.CheckConstraint(
                condition=Q(state="waiting", settled_by=None, settled_at=None)
                | (~Q(state="waiting") & Q(settled_by__isnull=False, settled_at__isnull=False)),
                name="settled_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document} · {self.position}"

    @property
    def project_id(self) -> Any:
        return self.document.project_id

    @property
    def read(self) -> engine.Line:
        """The reading as the engine's value."""
        return engine.decode(engine.Line, self.reading)
