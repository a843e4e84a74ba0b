"""Who came to which arm, and who was told."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.access.scope import Scope, ScopedQuerySet
from core.db import Record
from core.vault.fields import EncryptedJSONField, EncryptedTextField
from ecrf.models.places import Slot, Stratum
from ecrf.models.randomisation import Scheme, person
from ecrf.models.subjects import Subject


class Allocation(Record):
    """The arm of one subject, for good. `basis` keeps what it was decided on; both are sealed."""

    scheme = models.ForeignKey(Scheme, on_delete=models.PROTECT, related_name="allocations")
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="allocations")
    stratum = models.ForeignKey(Stratum, null=True, on_delete=models.PROTECT, related_name="allocations")
    slot = models.OneToOneField(Slot, null=True, on_delete=models.PROTECT, related_name="allocation")
    arm = EncryptedTextField(project="scheme__project")
    kit = models.CharField(_("kit number"), max_length=30, blank=True)
    basis = EncryptedJSONField(project="scheme__project")
    by = person()

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read="ecrf.read_records", project="subject__project", site="subject__site")

    class Meta:
        verbose_name = _("allocation")
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint("scheme", "subject", name="one_allocation_per_subject"),
            models.UniqueConstraint("scheme", "kit", condition=~Q(kit=""), name="one_allocation_per_kit"),
            models.CheckConstraint(
                condition=Q(slot=None, stratum=None) | Q(slot__isnull=False, stratum__isnull=False),
                name="slot_has_its_stratum",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} · {self.scheme}"

    @property
    def project_id(self) -> Any:
        return self.subject.project_id


class Unblinding(Record):
    """Who learned the arm of a subject of a blinded trial, when, and why."""

    class Kind(models.TextChoices):
        EMERGENCY = "emergency", _("Emergency")
        PLANNED = "planned", _("Planned")

    allocation = models.ForeignKey(Allocation, on_delete=models.PROTECT, related_name="unblindings")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    reason = models.CharField(_("reason"), max_length=500)
    by = person()

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(
        read="ecrf.read_records", project="allocation__subject__project", site="allocation__subject__site"
    )

    class Meta:
        verbose_name = _("unblinding")
        ordering = ["created_at"]
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="unblinding_has_a_reason")]

    def __str__(self) -> str:
        return f"{self.allocation_id} {self.kind}"

    @property
    def project_id(self) -> Any:
        return self.allocation.project_id
