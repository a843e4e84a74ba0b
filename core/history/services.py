"""Reading the history, which stands in the audit trail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404

from core import audit
from core.access.models import Project
from core.history.models import Change

if TYPE_CHECKING:
    from django.db.models import Model

    from core.accounts.models import User


def may_read(actor: User, thing: Model) -> bool:
    """Whether the thing has a history that the actor may read."""
    return Change.objects.visible_to(actor).filter(kind=thing._meta.label_lower, key=str(thing.pk)).exists()


def open_history(actor: User, kind: str, key: str) -> Any:
    """The changes of one thing, newest first, for who may read them, which is recorded; for others 404."""
    rows = Change.objects.visible_to(actor).filter(kind=kind, key=key)
    newest = rows.first()
    if newest is None:
        raise Http404
    record_reading(actor, newest, kind=kind, key=key)
    return rows


def record_reading(actor: User, change: Change, **asked: Any) -> None:
    """In the trail of the project that it belongs to, or among what belongs to none."""
    project = Project.objects.filter(pk=change.project_id).first() if change.project_id else None
    audit.record(actor, "history.read", project, project=project, **asked)
