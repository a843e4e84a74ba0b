"""What somebody was told, and how he wishes to be told."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.db import Record


class Notice(Record):
    """One thing that one person should know, told by its kind and details. It never holds a patient's data.

    The project is known by id only, so that rooms below those of projects can be told of too.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=80)
    details = models.JSONField(default=dict)
    project_id = models.UUIDField(null=True)
    url = models.CharField(max_length=300, blank=True)
    """Where one reads more or acts: a path of the suite."""
    urgent = models.BooleanField(default=False)
    shown = models.BooleanField(default=True)
    """Whether it is in the pages, as the person chose for this kind when it was told."""
    in_digest = models.BooleanField(default=True)
    at_once = models.BooleanField(default=False)
    """Whether a mail of its own leaves at once: always where it is urgent."""
    read_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("notice")
        ordering: ClassVar = ["-created_at"]
        indexes: ClassVar = [
            models.Index(fields=["user", "-created_at"], name="notices_of_user"),
            models.Index(fields=["created_at"], condition=Q(mailed_at=None, read_at=None), name="notices_to_mail"),
            models.Index(fields=["created_at"], condition=Q(mailed_at=None, at_once=True), name="notices_to_mail_now"),
            models.Index(fields=["user"], condition=Q(read_at=None, shown=True), name="notices_unread"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(urgent=False) | Q(at_once=True), name="urgent_notice_is_mailed"),
        ]


class Choice(models.Model):
    """By which ways a person is told of one kind of thing; who chose nothing has these defaults."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notice_choices")
    kind = models.CharField(max_length=80)
    shown = models.BooleanField(_("in the pages"), default=True)
    in_digest = models.BooleanField(_("in the summary"), default=True)
    at_once = models.BooleanField(_("by mail at once"), default=False)

    class Meta:
        verbose_name = _("choice of notices")
        constraints: ClassVar = [models.UniqueConstraint("user", "kind", name="one_choice_per_kind")]


class Rhythm(models.Model):
    """When a person gets the mail that sums up what he hasn't read yet."""

    class Every(models.TextChoices):
        DAY = "day", _("every day")
        WEEK = "week", _("once a week")
        NEVER = "never", _("never")

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="notice_rhythm"
    )
    every = models.CharField(_("summary by mail"), max_length=5, choices=Every, default=Every.DAY)
    hour = models.PositiveSmallIntegerField(_("at"), default=8, validators=[MaxValueValidator(23)])
    weekday = models.PositiveSmallIntegerField(_("on"), default=0, validators=[MaxValueValidator(6)])
    digested_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("rhythm of notices")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(hour__lte=23, weekday__lte=6), name="rhythm_is_of_a_week"),
        ]
