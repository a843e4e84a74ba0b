"""The safety alerts of a line, on its card."""

from __future__ import annotations

from typing import Any

from django import template

from prescriptions import queries
from prescriptions.engine import safety
from prescriptions.models import Document, Line
from prescriptions.web.alerts import shown

register = template.Library()


@register.inclusion_tag("prescriptions/alerts.html")
def safety_alerts(line: Line) -> dict[str, Any]:
    """What the line says against itself, and together with the others of its prescription that aren't set aside."""
    return {"alerts": [shown(alert) for alert in _of_document(line.document).get(line.pk, ())]}


def _of_document(document: Document) -> dict[Any, tuple[safety.Alert, ...]]:
    """Worked out once for all cards of a page: they share their document."""
    known: dict[Any, tuple[safety.Alert, ...]] | None = getattr(document, "safety_alerts", None)
    if known is None:
        lines = [line for line in queries.lines_of(document) if line.state != Line.State.REJECTED]
        weight = document.reading.get("document", {}).get("patientWeightKg")
        found = safety.check([line.read for line in lines], safety.Patient(weight_kg=weight))
        known = {line.pk: alerts for line, alerts in zip(lines, found, strict=True)}
        document.safety_alerts = known  # type: ignore[attr-defined]
    return known
