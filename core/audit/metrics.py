"""How the audit trail keeps up, for Prometheus."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils import timezone

from core.audit import sealing
from core.audit.models import Checkpoint
from core.tool import Measure


def measures() -> Iterator[Measure]:
    """Events that aren't sealed yet, and how old the last signature is."""
    tail = sealing.waiting()
    yield Measure("suite_audit_unsealed_events", "Events of the audit trail that aren't sealed yet.", tail)
    signed = Checkpoint.objects.order_by("-sequence").values_list("at", flat=True).first()
    if signed:
        age = (timezone.now() - signed).total_seconds()
        yield Measure("suite_audit_signature_age_seconds", "How old the last signed head is.", age)
