"""Machines that save their own data: what the portal knows of them, and never a key of theirs."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backup.models.repositories import Repository
from backup.permissions import VIEW
from core.access.models import Project
from core.access.scope import Scope, ScopedQuerySet
from core.db import Record

SILENT_AFTER = timedelta(minutes=15)
"""An agent that wasn't heard of for so long isn't there."""


class Agent(Record):
    """A program on a machine of the project, enrolled by a code that counts once.

    It proves itself by ``agent_<key>.<secret>``; only a keyed hash of the secret is kept.
    """

    class Duty(models.TextChoices):
        """What it is trusted with; each needs a keyfile of its own, which the portal only passes on, sealed."""

        SAVE = "save", _("saves its machine’s data")
        KEEP = "keep", _("forgets and prunes by the rules of retention")
        CHECK = "check", _("checks, scans and tries restores")

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="backup_agents")
    repository = models.ForeignKey(Repository, on_delete=models.PROTECT, related_name="agents")
    name = models.CharField(_("name"), max_length=80)
    duty = models.CharField(_("duty"), max_length=8, choices=Duty.choices, default=Duty.SAVE)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    code_hash = models.CharField(max_length=64, blank=True)
    """Of the code that enrols it; empty once it was used."""
    code_until = models.DateTimeField(null=True, blank=True)
    key = models.CharField(max_length=16, unique=True, null=True, blank=True)
    secret_hash = models.CharField(max_length=64, blank=True)
    seal_to = models.CharField(max_length=64, blank=True)
    """Its X25519 public key, in hex: what is sealed to it only this machine opens."""
    sealed_key = models.BinaryField(default=b"", blank=True)
    """The keyfile that a person made for it in his browser, until it has fetched it."""
    key_id = models.CharField(max_length=32, blank=True)
    """Of the keyfile it works with: the snapshots and acts of this key are its own."""
    host = models.CharField(_("machine"), max_length=120, blank=True)
    program = models.CharField(_("program"), max_length=60, blank=True)
    enrolled_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read=VIEW)

    class Meta:
        verbose_name = _("backup agent")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                "project",
                "name",
                name="one_backup_agent_per_name",
                condition=Q(removed_at=None),
                violation_error_message=_("The project has an agent of this name."),
            ),
            models.CheckConstraint(
                condition=Q(enrolled_at=None, key=None) | Q(enrolled_at__isnull=False, key__isnull=False, code_hash=""),
                name="enrolled_backup_agent_has_a_key",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("backup:agent", args=[self.project.slug, self.pk])

    @property
    def state(self) -> str:
        """As the pages name it: removed, waiting to be enrolled, waiting for its key, there, or silent."""
        if self.removed_at is not None:
            return "removed"
        if self.enrolled_at is None:
            return "expected"
        if not self.key_id:
            return "keyless"
        heard = self.seen_at is not None and timezone.now() - self.seen_at < SILENT_AFTER
        return "there" if heard else "silent"
