"""Named sets of permissions."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from core.access.models.places import Organisation


class Role(models.Model):
    """A named set of permissions, built in (no organisation) or made by an organisation."""

    class Level(models.TextChoices):
        ORGANISATION = "organisation", _("organisation")
        PROJECT = "project", _("project")

    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.CASCADE, related_name="roles"
    )
    key = models.SlugField(max_length=40)
    name = models.CharField(max_length=80)
    level = models.CharField(max_length=12, choices=Level, default=Level.PROJECT)
    permissions = ArrayField(models.CharField(max_length=80), default=list)
    requires_second_factor = models.BooleanField(default=False, db_default=False)
    """Whoever holds it has a second factor, also where the organisation asks for none."""
    retired_at = models.DateTimeField(null=True, blank=True)
    """Since when it is given to nobody any more; who holds it keeps it."""

    class Meta:
        verbose_name = _("role")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint("organisation", "key", name="one_role_per_key", nulls_distinct=False),
            models.UniqueConstraint(
                "organisation",
                Lower("name"),
                condition=Q(organisation__isnull=False, retired_at=None),
                name="one_role_per_name",
            ),
        ]

    def __str__(self) -> str:
        from core.access.roles import NAMES

        return str(NAMES.get(self.key, self.name)) if self.organisation_id is None else self.name
