"""Keys for programs: each opens one project, for some of its owner's permissions, until a date."""

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
        since = member.filter(starts_at__lte=OuterRef("created_at"))
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
