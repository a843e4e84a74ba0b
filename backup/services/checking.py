"""Turn what a model refuses into faults with their place."""

from __future__ import annotations

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Model

from core.errors import Fault, Invalid

PLACES = {
    "one_backup_repository_per_name": "name",
    "one_backup_plan_per_name": "name",
    "one_backup_agent_per_name": "name",
}


def validated(row: Model, *, leave_out: tuple[str, ...] = ()) -> None:
    """Run a row's own validation and its constraints. Raises Invalid with every fault."""
    try:
        row.full_clean(exclude=leave_out)
    except ValidationError as error:
        raise Invalid(
            Fault(_place(row, place, fault), fault.code or "invalid", " ".join(fault.messages))
            for place, faults in error.error_dict.items()
            for fault in faults
        ) from error


def _place(row: Model, place: str, fault: ValidationError) -> str:
    if place != NON_FIELD_ERRORS:
        return place
    for constraint in row._meta.constraints:
        if str(constraint.violation_error_message) in fault.messages:
            return PLACES.get(constraint.name, "")
    return ""
