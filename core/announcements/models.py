"""What the instance says to everybody, and whether it is open."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core.db import Record


class Announcement(Record):
    """A sentence at the head of every page, in both languages, from one moment to another."""

    class Level(models.TextChoices):
        RUNNING = "running", _("information")
        WARNING = "warning", _("warning")
        FAILED = "failed", _("disturbance")

    text_fr = models.CharField(_("text in French"), max_length=300)
    text_en = models.CharField(_("text in English"), max_length=300)
    level = models.CharField(_("level"), max_length=8, choices=Level, default=Level.RUNNING)
    starts_at = models.DateTimeField(_("from"), default=timezone.now)
    ends_at = models.DateTimeField(_("until"))
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("announcement")
        ordering: ClassVar = ["-starts_at"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="announcement_ends_after_start",
                violation_error_message=_("The end comes before the start."),
            ),
        ]

    def __str__(self) -> str:
        return self.text_fr if (get_language() or "").startswith("fr") else self.text_en


class Dismissal(models.Model):
    """Who has read an announcement and wishes to see it no more."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    announcement = models.ForeignKey(Announcement, on_delete=models.CASCADE, related_name="dismissals")

    class Meta:
        verbose_name = _("dismissal")
        constraints: ClassVar = [models.UniqueConstraint("user", "announcement", name="one_dismissal_each")]


class Maintenance(models.Model):
    """Whether the suite is open: one row, or none while it was never shut."""

    class Mode(models.TextChoices):
        OFF = "off", _("open")
        READS = "reads", _("reading only")
        SHUT = "shut", _("shut")

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    mode = models.CharField(_("mode"), max_length=5, choices=Mode, default=Mode.OFF)
    until = models.DateTimeField(_("expected end"), null=True, blank=True)

    class Meta:
        verbose_name = _("maintenance")
        constraints: ClassVar = [models.CheckConstraint(condition=Q(id=1), name="one_maintenance")]
