"""The journal of acts and the chain that seals it: PostgreSQL itself refuses UPDATE, DELETE and TRUNCATE on them."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.audit.database import ClockTimestamp, CurrentTransaction


class Event(models.Model):
    """One act: who did what to which thing, when, from where, and how it ended. It never holds a patient's data.

    Actors, projects and objects are known by id only, so that the journal outlives what it tells of.
    """

    class Outcome(models.TextChoices):
        DONE = "done", _("carried out")
        REFUSED = "refused", _("refused")
        FAILED = "failed", _("failed")

    xid = models.BigIntegerField(db_default=CurrentTransaction())
    """The transaction that wrote it: once all older ones have ended, no event can come before this one any more."""
    at = models.DateTimeField(db_default=ClockTimestamp())
    actor_id = models.UUIDField(null=True)
    action = models.CharField(max_length=80)
    outcome = models.CharField(max_length=8, choices=Outcome, default=Outcome.DONE)
    project_id = models.UUIDField(null=True)
    object_type = models.CharField(max_length=60, blank=True)
    object_id = models.CharField(max_length=60, blank=True)
    reason = models.TextField(blank=True)
    details = models.JSONField(default=dict)
    channel = models.CharField(max_length=10)
    request_id = models.CharField(max_length=32, blank=True)
    address = models.GenericIPAddressField(null=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["xid", "id"], name="events_to_seal"),
            models.Index(fields=["project_id", "-id"], name="events_of_project"),
            models.Index(fields=["actor_id", "-id"], name="events_of_actor"),
            models.Index(fields=["object_type", "object_id", "-id"], name="events_of_thing"),
            models.Index(fields=["project_id", "actor_id", "-id"], name="events_by_person"),
            models.Index(fields=["project_id", "action", "-id"], name="events_by_action"),
            models.Index(fields=["project_id", "at"], include=["outcome"], name="events_by_day"),
            models.Index(fields=["-id"], condition=Q(project_id=None), name="events_of_instance"),
            models.Index(fields=["project_id", "-id"], condition=~Q(outcome="done"), name="events_gone_wrong"),
            models.Index(fields=["project_id", "-id"], condition=~Q(reason=""), name="events_with_reason"),
        ]


class Link(models.Model):
    """The place of one event in the chain: its hash covers the event and the hash before it. See the README."""

    sequence = models.BigIntegerField(primary_key=True)
    event_id = models.BigIntegerField(unique=True)
    hash = models.BinaryField(max_length=32)

    class Meta:
        ordering = ["sequence"]


class Checkpoint(models.Model):
    """The head of the chain at some moment, signed with a key that PostgreSQL never sees."""

    sequence = models.BigIntegerField(unique=True)
    hash = models.BinaryField(max_length=32)
    at = models.DateTimeField()
    key = models.CharField(max_length=16)
    signature = models.BinaryField(max_length=64)

    class Meta:
        ordering = ["sequence"]


class Segment(models.Model):
    """A stretch of the chain, from its beginning or the segment before up to a signed head, that was written to a file.

    Signed with a key that PostgreSQL never sees. Only what such a row names can be deleted, whole and oldest first.
    """

    number = models.BigIntegerField(primary_key=True)
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    previous = models.BinaryField(max_length=32)
    """The hash before its first link."""
    hash = models.BinaryField(max_length=32)
    """The hash of its last link."""
    since = models.DateTimeField()
    until = models.DateTimeField()
    """The moments of its oldest and its newest event."""
    digest = models.BinaryField(max_length=32)
    """SHA-256 of the lines of its file before the signature."""
    file = models.CharField(max_length=100)
    size = models.BigIntegerField()
    at = models.DateTimeField()
    key = models.CharField(max_length=16)
    signature = models.BinaryField(max_length=64)

    class Meta:
        ordering = ["number"]
        constraints = [models.CheckConstraint(condition=Q(last__gte=F("first")), name="segment_has_links")]

    @property
    def count(self) -> int:
        return self.last - self.first + 1


class Anchor(models.Model):
    """That a signed head went to a place which the database's owner doesn't rule, or failed to."""

    class Place(models.TextChoices):
        FOLDER = "folder", _("folder")
        MAIL = "mail", _("mail")
        BACKUP = "backup", _("backup")

    place = models.CharField(max_length=8, choices=Place)
    target = models.CharField(max_length=300)
    sequence = models.BigIntegerField()
    hash = models.BinaryField(max_length=32)
    at = models.DateTimeField(auto_now_add=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["place", "-id"], name="anchors_of_place")]
