"""Editions of reference data, kept side by side so that an old reading can be done again."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.db import Record
from core.files.models import StoredFile


class Reference(Record):
    """One edition: public facts, the same for every project. Its file is what the engine opens."""

    class Kind(models.TextChoices):
        MEDICINES = "medicines", _("Medicines")
        CONCEPTS = "concepts", _("OMOP concepts")

    kind = models.CharField(max_length=9, choices=Kind, default=Kind.MEDICINES, db_default=Kind.MEDICINES)
    name = models.CharField(max_length=40)
    edition = models.CharField(max_length=40)
    digest = models.CharField(max_length=64, unique=True)
    """SHA-256 of the file."""
    made_from = models.CharField(max_length=64, blank=True, default="", db_default="")
    """SHA-256 of the official files."""
    source = models.CharField(max_length=300, blank=True, default="", db_default="")
    """Address, or name of the folder or archive."""
    attribution = models.CharField(max_length=200, blank=True, default="", db_default="")
    licence = models.CharField(max_length=80, blank=True, default="", db_default="")
    file = models.ForeignKey(StoredFile, null=True, on_delete=models.PROTECT, related_name="+")
    """Null for what a former version loaded, which has to be loaded again."""
    count = models.PositiveIntegerField()
    is_current = models.BooleanField(default=False)
    loaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("list of medicines")
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint("kind", condition=Q(is_current=True), name="one_current_reference_of_a_kind")
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.edition}"


class Medicine(models.Model):
    """A name and its ATC code, as the version before kept them; nothing writes or reads them any more.

    The table stays for as long as that version may still run beside this one.
    """

    reference = models.ForeignKey(Reference, on_delete=models.CASCADE, related_name="medicines")
    name = models.CharField(max_length=200)
    atc = models.CharField(max_length=7, blank=True)
    kind = models.CharField(max_length=5)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint("reference", "name", name="one_medicine_per_name")]

    def __str__(self) -> str:
        return self.name
