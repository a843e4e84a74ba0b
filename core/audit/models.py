"""The journal of acts: appended to, never changed; PostgreSQL itself refuses UPDATE, DELETE and TRUNCATE."""

from __future__ import annotations

from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.utils.translation import gettext_lazy as _


class Event(models.Model):
    """One act: who did what to which thing, when, from where, and how it ended. It never holds a patient's data.

    Actors, projects and objects are known by id only, so that the journal outlives what it tells of.
    """

    class Outcome(models.TextChoices):
        DONE = "done", _("done")
        REFUSED = "refused", _("refused")
        FAILED = "failed", _("failed")

    at = models.DateTimeField(db_default=TransactionNow())
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
