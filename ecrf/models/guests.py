"""A participant's visit: what his browser may reach, for how long, and the tablet that he was handed."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.db import Record
from core.vault.fields import EncryptedTextField
from ecrf.models.invitations import Invitation
from ecrf.models.questionnaires import Questionnaire


class Guest(Record):
    """Opens the sheets of one invitation and nothing else; without one, a new participant's by a public link.

    On a tablet of the site `member` is who handed it over: his own session is put aside in `aside`, sealed, and comes
    back for his PIN alone.
    """

    questionnaire = models.ForeignKey(Questionnaire, on_delete=models.CASCADE, related_name="+")
    invitation = models.ForeignKey(Invitation, null=True, on_delete=models.CASCADE, related_name="guests")
    digest = models.CharField(max_length=64, unique=True)
    language = models.CharField(max_length=10)
    is_proved = models.BooleanField(default=False)
    code_digest = models.CharField(max_length=64, blank=True)
    code_until = models.DateTimeField(null=True)
    codes = models.PositiveSmallIntegerField(default=0)
    wrong_codes = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    member = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+")
    pin = models.CharField(max_length=200, blank=True)
    wrong_pins = models.PositiveSmallIntegerField(default=0)
    aside = EncryptedTextField(project="questionnaire__form__project", null=True)
    back = models.CharField(max_length=300, blank=True)
    """Where the member goes on."""

    class Meta:
        verbose_name = _("visit of a participant")
        ordering = ["created_at"]
        constraints = [
            models.CheckConstraint(condition=Q(member=None, pin="") | Q(member__isnull=False), name="tablets_have_pins")
        ]

    @property
    def project_id(self) -> Any:
        return self.questionnaire.project_id

    @property
    def is_kiosk(self) -> bool:
        return self.member_id is not None
