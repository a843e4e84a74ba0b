"""The lists of a scheme: strata, and the places of their tables."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.db import Record
from core.vault.fields import EncryptedJSONField, EncryptedTextField
from ecrf.models.randomisation import Scheme


class Stratum(Record):
    """One combination of levels. Its number tells nothing: which levels it stands for is sealed."""

    scheme = models.ForeignKey(Scheme, on_delete=models.CASCADE, related_name="table_strata")
    number = models.PositiveIntegerField()
    levels = EncryptedJSONField(project="scheme__project")

    class Meta:
        verbose_name = _("stratum")
        ordering = ["number"]
        constraints = [models.UniqueConstraint("scheme", "number", name="one_stratum_per_number")]

    def __str__(self) -> str:
        return f"{self.scheme_id} {self.number}"


class Slot(Record):
    """One place of the table: its arm is sealed, and it never changes once the scheme is open."""

    scheme = models.ForeignKey(Scheme, on_delete=models.CASCADE, related_name="slots")
    stratum = models.ForeignKey(Stratum, on_delete=models.CASCADE, related_name="slots")
    position = models.PositiveIntegerField()
    arm = EncryptedTextField(project="scheme__project")
    kit = models.CharField(max_length=30, blank=True)

    class Meta:
        verbose_name = _("place in an allocation table")
        ordering = ["stratum", "position"]
        constraints = [
            models.UniqueConstraint("stratum", "position", name="one_slot_per_position"),
            models.UniqueConstraint("scheme", "kit", condition=~Q(kit=""), name="one_slot_per_kit"),
        ]

    def __str__(self) -> str:
        return f"{self.stratum_id} {self.position}"
