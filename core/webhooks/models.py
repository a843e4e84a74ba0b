"""Addresses of other programs that are told what happens in a project, and every call to them."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.access.models import Project
from core.access.scope import Scope, ScopedQuerySet
from core.db import Record
from core.vault.fields import SealedBytesField

MANAGE = "webhooks.manage_endpoints"
PAUSES = (10, 60, 300, 900, 1800, 3600, 7200, 14400, 21600)
"""Seconds before each further try; the last one again and again."""
LASTS = timedelta(days=1)
"""How long a call is tried, and how long an address may fail before it is switched off."""


class Endpoint(Record):
    """One address. It is called in the name of who made it, while he may still look after such addresses."""

    class Off(models.TextChoices):
        PERSON = "person", _("switched off by a person")
        FAILING = "failing", _("switched off: it didn’t answer for a day")
        GONE = "gone", _("switched off: it said that it is gone for good")
        RIGHTS = "rights", _("switched off: its owner may no longer look after it")

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="webhooks")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    url = models.CharField(_("address"), max_length=500)
    description = models.CharField(_("description"), max_length=120, blank=True)
    events = ArrayField(models.CharField(max_length=80))
    secret = SealedBytesField(context="webhooks.secret:{pk}")
    old_secret = SealedBytesField(context="webhooks.secret:{pk}", null=True)
    old_secret_until = models.DateTimeField(null=True)
    off = models.CharField(max_length=8, choices=Off, blank=True)
    failing_since = models.DateTimeField(null=True)

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read=MANAGE)

    class Meta:
        verbose_name = _("webhook")
        ordering: ClassVar = ["-created_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                "project",
                "url",
                name="one_webhook_per_address",
                violation_error_message=_("This address is told already."),
            )
        ]

    def __str__(self) -> str:
        return self.description or self.url

    def get_absolute_url(self) -> str:
        return reverse("webhooks:endpoint", args=[self.project.slug, self.pk])


class Delivery(Record):
    """What one address is to be told: ids only. Its own id is the same at each try, so that receivers know it again."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        DELIVERED = "done", _("delivered")
        FAILED = "failed", _("failed")

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="deliveries")
    action = models.CharField(max_length=80)
    event_id = models.BigIntegerField(null=True)
    """Of the event in the audit trail; None for a test."""
    object_type = models.CharField(max_length=60, blank=True)
    object_id = models.CharField(max_length=60, blank=True)
    at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    tried = models.PositiveIntegerField(default=0)
    asked_at = models.DateTimeField(default=timezone.now)
    """When it was first to be told, or told again: from then on it is tried for a day."""
    due_at = models.DateTimeField(default=timezone.now)

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read=MANAGE, project="endpoint__project")

    class Meta:
        verbose_name = _("delivery")
        ordering: ClassVar = ["-created_at"]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], name="webhooks_due", condition=Q(state="waiting")),
            models.Index(fields=["endpoint", "-created_at"], name="webhooks_of_endpoint"),
        ]

    def __str__(self) -> str:
        return self.action

    def get_absolute_url(self) -> str:
        return reverse("webhooks:delivery", args=[self.endpoint.project.slug, self.pk])

    @property
    def message_id(self) -> str:
        return f"msg_{uuid.UUID(str(self.pk)).hex}"


class Attempt(models.Model):
    """One call: what was answered, and how soon."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="attempts")
    at = models.DateTimeField(auto_now_add=True)
    status = models.PositiveSmallIntegerField(null=True)
    milliseconds = models.PositiveIntegerField()
    fault = models.CharField(max_length=20, blank=True)
    """Why there was no answer, as a code."""
    answer = models.CharField(max_length=300, blank=True)
    """The first characters of what was answered."""

    class Meta:
        ordering: ClassVar = ["-pk"]

    def __str__(self) -> str:
        return f"{self.status or self.fault}"
