"""One participant asked to fill in one questionnaire, and the links that lead him there."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.access.scope import Scope, ScopedQuerySet
from core.db import Record
from ecrf.models.questionnaires import Questionnaire
from ecrf.models.subjects import Subject


class Origin(models.TextChoices):
    STAFF = "staff", _("invited")
    SCHEDULE = "schedule", _("invited by schedule")
    PUBLIC = "public", _("came by the public link")
    KIOSK = "kiosk", _("on a tablet of the site")


class Invitation(Record):
    """From `opens_at` to `closes_at` the participant may answer; `mail_at` says when the next mail leaves."""

    questionnaire = models.ForeignKey(Questionnaire, on_delete=models.PROTECT, related_name="invitations")
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="invitations")
    origin = models.CharField(max_length=10, choices=Origin.choices)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    mail_at = models.DateTimeField(null=True, db_index=True)
    mails = models.PositiveSmallIntegerField(default=0)
    failures = models.PositiveSmallIntegerField(default=0)
    mailed_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    begun_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read="ecrf.manage_participants", project="subject__project", site="subject__site")

    class Meta:
        verbose_name = _("invitation")
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                "questionnaire", "subject", condition=Q(revoked_at=None), name="one_open_invitation_each"
            ),
            models.CheckConstraint(condition=Q(closes_at__gt=F("opens_at")), name="invitations_are_open_for_a_while"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} · {self.questionnaire}"

    @property
    def project_id(self) -> Any:
        return self.subject.project_id

    @property
    def is_open(self) -> bool:
        """Whether answers are taken now."""
        now = timezone.now()
        lasting = self.revoked_at is None and self.opens_at <= now < self.closes_at
        done = self.answered_at is not None and not self.questionnaire.revisable
        return lasting and not done and self.questionnaire.closed_at is None

    @property
    def state(self) -> str:
        if self.revoked_at:
            return "revoked"
        if self.answered_at:
            return "answered"
        if self.closes_at <= timezone.now():
            return "expired"
        if self.begun_at:
            return "begun"
        if self.opens_at > timezone.now():
            return "planned"
        return "opened" if self.opened_at else "invited"


class AccessLink(Record):
    """What opens an invitation: a token of 256 bits or a return code, of which only a digest is kept."""

    class Kind(models.TextChoices):
        MAIL = "mail", _("sent by mail")
        COPIED = "copied", _("given by hand")
        RETURN = "return", _("return code")

    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, related_name="links")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    digest = models.CharField(max_length=64, unique=True)
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("link of an invitation")
        ordering = ["created_at"]
