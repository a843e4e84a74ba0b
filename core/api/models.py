"""Keys for programs, and the answers that they may ask for again."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.access.models import Membership, Project
from core.db import Record


class TokenQuerySet(models.QuerySet["Token"]):
    def usable(self) -> TokenQuerySet:
        """Those that open anything: neither over nor revoked, and made in a membership that still allows it.

        Who left when his membership ran out and comes back makes new ones.
        """
        here = Q(project=OuterRef("project")) | Q(organisation=OuterRef("project__organisation"))
        member = Membership.objects.active().granting("api.create_token").filter(here, user=OuterRef("user"))
        since = member.filter(member_since__lte=OuterRef("created_at"))
        return self.filter(Exists(since), revoked_at=None, expires_at__gt=timezone.now(), user__is_active=True)


class Token(Record):
    """``suite_<key>.<secret>``: the key finds the row, and only a keyed hash of the secret is kept.

    It never opens more than its owner may do at that moment.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="tokens")
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(_("name"), max_length=80)
    key = models.CharField(max_length=16, unique=True)
    secret_hash = models.CharField(max_length=64)
    permissions = ArrayField(models.CharField(max_length=80))
    expires_at = models.DateTimeField(_("until"))
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    objects: ClassVar = TokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("access token")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.name


class Answer(models.Model):
    """What a call with an Idempotency-Key was answered, for a day. Neither the key nor the call can be read from it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key_hash = models.CharField(max_length=64, unique=True)
    """Keyed hash of the caller and his key."""
    fingerprint = models.CharField(max_length=64)
    """Keyed hash of the call."""
    rights = models.CharField(max_length=64)
    """Hash of what the caller was entitled to: with other rights, the answer isn't shown again."""
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField(default=dict)
    body = models.BinaryField(null=True)
    """Sealed so that it opens only with the key that the caller sends again; None where it isn't kept."""
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        verbose_name = _("kept answer")

    def __str__(self) -> str:
        return self.key_hash[:12]
