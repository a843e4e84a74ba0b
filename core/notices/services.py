"""Tell people, and remember what they have read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from core import bells
from core.notices.models import Choice, Notice

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet

    from core.accounts.models import User

READ_KEPT = dt.timedelta(days=90)
UNREAD_KEPT = dt.timedelta(days=365)


def bell_of(user_id: UUID) -> str:
    """The group of all pages that this person has open."""
    return f"notices.{user_id.hex}"


def notify(
    recipients: Iterable[User],
    kind: str,
    *,
    project: Model | None = None,
    url: str = "",
    urgent: bool = False,
    **details: str | int,
) -> list[Notice]:
    """Tell each of these people once, in the transaction of what they are told of.

    `kind` is ``app.noun_verbed``, declared in `notices` of the app's ``apps.py`` with a sentence that takes `details`:
    names, numbers and dates in ISO 8601, never a patient's data. `url` is a path of the suite. What is urgent is always
    shown and mailed at once, whatever a person chose.
    """
    people: dict[UUID, User] = {person.pk: person for person in recipients if person.is_active}
    chosen = {choice.user_id: choice for choice in Choice.objects.filter(user__in=people, kind=kind)}
    notices = []
    for pk, person in people.items():
        choice = chosen.get(pk) or Choice()
        notices.append(
            Notice(
                user=person,
                kind=kind,
                details=details,
                project_id=project.pk if project is not None else None,
                url=url,
                urgent=urgent,
                shown=urgent or choice.shown,
                in_digest=choice.in_digest,
                at_once=urgent or choice.at_once,
            )
        )
    made = Notice.objects.bulk_create(notices)
    _ring(people)
    return made


def _ring(user_ids: Iterable[UUID]) -> None:
    """Once this is committed, the pages that these people have open ask again."""
    for pk in user_ids:
        transaction.on_commit(lambda pk=pk: bells.ring(bell_of(pk), {"type": "notices.changed"}))  # type: ignore[misc]


def of(actor: User) -> QuerySet[Notice]:
    """What this person was told and is shown; a token sees what belongs to its projects."""
    rows = Notice.objects.filter(user=actor, shown=True)
    return rows if actor.limits is None else actor.limits.keep(rows, "project_id")


@transaction.atomic
def mark_read(actor: User, among: Q | None = None) -> tuple[int, dt.datetime]:
    """These notices, or all, are read: how many, and the moment by which it can be undone."""
    now = timezone.now()
    count = of(actor).filter(among or Q(), read_at=None).update(read_at=now)
    if count:
        _ring([actor.pk])
    return count, now


@transaction.atomic
def mark_unread(actor: User, among: Q) -> int:
    """These notices aren't read after all."""
    count = of(actor).filter(among).exclude(read_at=None).update(read_at=None)
    if count:
        _ring([actor.pk])
    return count


def seen(actor: User, url: str) -> None:
    """Who looks at the thing itself needs to be told of it no more."""
    mark_read(actor, Q(url=url))


def forget_old() -> None:
    """Delete what was read long ago, and what nobody will read any more."""
    now = timezone.now()
    Notice.objects.filter(Q(read_at__lt=now - READ_KEPT) | Q(created_at__lt=now - UNREAD_KEPT)).delete()


def forget(person: User, name: str, address: str) -> None:
    """Where others were told of somebody by name or address, these stand now; of a namesake too, as nothing tells them
    apart.
    """
    instead = {person.full_name: name, person.email: address}
    said = Q(details__icontains=person.email)
    if person.full_name:
        said |= Q(details__icontains=person.full_name)
    for notice in Notice.objects.filter(said).iterator():
        notice.details = {key: instead.get(value, value) for key, value in notice.details.items()}
        notice.save(update_fields=["details"])
