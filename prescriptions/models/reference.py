"""Lists of medicines' names, kept side by side so that an old reading can be done again."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.db import Record


class Reference(Record):
    """One edition of a list: public facts, the same for every project."""

    name = models.CharField(max_length=40)
    edition = models.CharField(max_length=40)
    digest = models.CharField(max_length=64, unique=True)
    count = models.PositiveIntegerField()
    is_current = models.BooleanField(default=False)
    loaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("list of medicines")
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint("is_current", condition=Q(is_current=True), name="one_current_reference")
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.edition}"


class Medicine(models.Model):
    """One name and the ATC code of what it names."""

    reference = models.ForeignKey(Reference, on_delete=models.CASCADE, related_name="medicines")
    name = models.CharField(max_length=200)
    atc = models.CharField(max_length=7, blank=True)
    kind = models.CharField(max_length=5)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint("reference", "name", name="one_medicine_per_name")]

    def __str__(self) -> str:
        return self.name
