"""Write to the journal: the one function that everything above calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Model

from core.audit.models import Event
from core.context import current
from core.db import after_read

if TYPE_CHECKING:
    from core.access.scope import Actor


Marker = Callable[[UUID, UUID], dict[str, Any]]
markers: dict[str, Marker] = {}
"""What rooms above add to the details of whatever a person does in a project, by their name for it."""


def record(
    actor: Actor | None,
    action: str,
    obj: Model | None = None,
    *,
    project: Model | None = None,
    outcome: str = Event.Outcome.DONE,
    reason: str = "",
    **details: Any,
) -> None:
    """Append one event, in the transaction of the act it tells of.

    `action` is ``app.noun_verbed``. `project` is taken from the object where it has one. `details` are JSON values:
    counts, names of fields, versions; never a patient's data. Inside a read-only block the event follows the block.
    """
    context = current.get()
    project_id = project.pk if project is not None else getattr(obj, "project_id", None)
    actor_id = getattr(actor, "pk", None)
    if actor_id is not None and project_id is not None:
        for marker in markers.values():
            details |= marker(actor_id, project_id)
    event = Event(
        actor_id=getattr(actor, "pk", None),
        action=action,
        outcome=outcome,
        project_id=project_id,
        object_type=obj._meta.label_lower if obj is not None else "",
        object_id=str(obj.pk) if obj is not None else "",
        reason=reason,
        details=details,
        channel=context.channel,
        request_id=context.request_id,
        address=context.address,
    )
    after_read(event.save)
