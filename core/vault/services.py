"""Seal, open, index; renew and destroy keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import BinaryField
from django.db.models.functions import Substr
from django.utils import timezone

from core import access, audit
from core.access.models import Project
from core.vault import engine, keys
from core.vault.engine import KeyDestroyed, Unopenable
from core.vault.models import ProjectKey

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from core.access.scope import Actor

__all__ = ["KeyDestroyed", "Unopenable", "blind_index", "destroy", "open", "rewrap", "rotate", "seal"]


def seal(project: Project | None, data: bytes, context: str) -> bytes:
    """The value sealed under the project's newest key (the instance's where project is None), bound to `context`.

    `context` names the place, for example ``backup.repository:<id>``: it must be told again to open. Adds 43 bytes;
    at most 64 MiB. Raises KeyDestroyed.
    """
    project_id = project.pk if project else None
    key = keys.of(project_id, create=True).current
    return engine.seal(key, data, engine.binding(keys.owner(project_id), context))


def open(project: Project | None, sealed: bytes, context: str) -> bytes:  # noqa: A001
    """The clear value. Raises Unopenable where it is damaged or of another project or context, KeyDestroyed."""
    project_id = project.pk if project else None
    held = keys.of(project_id, version=engine.version_of(sealed))
    return engine.open_sealed(held.by_version, sealed, engine.binding(keys.owner(project_id), context))


def blind_index(project: Project | None, value: str, context: str) -> str:
    """64 hexadecimal digits that are equal for equal values of one project and context: for look-ups by equality.

    The caller brings the value to one form first (case, accents, spaces). What has few possible values (a sex, a
    year) must not be indexed: counting would tell them.
    """
    project_id = project.pk if project else None
    key = keys.of(project_id, create=True).index
    assert key is not None
    return engine.blind_index(key, value, engine.binding(keys.owner(project_id), context))


@transaction.atomic
def rotate(actor: Actor, project: Project) -> int:
    """Make a new version of the project's key: what is sealed from now on uses it. Gives its number."""
    access.require(actor, "vault.rotate_key", project)
    return renew(actor, project)


@transaction.atomic
def renew(actor: Actor | None, project: Project | None) -> int:
    """The same for who has checked that he may, or stands at the console. Without a project, the instance's own."""
    hold(project)
    newest = data_keys(project).order_by("-version").first()
    if newest is not None and newest.destroyed_at is not None:
        raise KeyDestroyed
    version = newest.version + 1 if newest else 1
    keys.add(project.pk if project else None, version)
    audit.record(actor, "vault.key_rotated", project, project=project, version=version)
    return version


@transaction.atomic
def destroy(actor: Actor, project: Project, reason: str) -> None:
    """Destroy every version of the project's key: all that it sealed, also in backups, can't be read ever again.

    Other processes forget the key within five minutes.
    """
    access.require(actor, "vault.destroy_key", project)
    drop(actor, project, reason)


@transaction.atomic
def drop(actor: Actor | None, project: Project, reason: str) -> None:
    """The same for who has checked that it is to be done."""
    hold(project)
    rows = ProjectKey.objects.select_for_update().filter(project=project, destroyed_at=None)
    destroyed = [row.pk for row in rows]
    if not destroyed:
        return
    versions = sum(row.purpose == ProjectKey.Purpose.DATA for row in rows)
    ProjectKey.objects.filter(pk__in=destroyed).update(wrapped=b"", destroyed_at=timezone.now())
    keys.changed(project.pk)
    audit.record(actor, "vault.key_destroyed", project, project=project, reason=reason, versions=versions)


def hold(project: Project | None) -> None:
    """Of two who renew or destroy a key, the second waits here, and then sees what the first did."""
    if project is None:
        list(ProjectKey.objects.select_for_update(no_key=True).filter(project=None, version=1).values_list("pk"))
        return
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)


def tell_resealed(actor: Actor | None, project: Project | None, rows: int, unopenable: int) -> None:
    """Record what a renewal came to."""
    outcome: dict[str, Any] = {"count": rows, **({"unopenable": unopenable} if unopenable else {})}
    audit.record(actor, "vault.values_resealed", project, project=project, **outcome)


def data_keys(project: Project | None) -> QuerySet[ProjectKey]:
    return ProjectKey.objects.filter(project=project, purpose=ProjectKey.Purpose.DATA)


def wrapped_by_others() -> QuerySet[ProjectKey]:
    """The living keys that another than the newest instance key wraps."""
    header = engine.header_of(keys.wrapping_version())
    head = Substr("wrapped", 1, len(header), output_field=BinaryField())
    return ProjectKey.objects.filter(destroyed_at=None).annotate(head=head).exclude(head=header)


@transaction.atomic
def rewrap_some(actor: Actor | None = None, most: int = 200) -> int:
    """Wrap so many keys under the newest instance key; gives how many there were. Whoever calls it asks until none."""
    rows = list(wrapped_by_others().select_for_update(of=("self",)).order_by("pk")[:most])
    for row in rows:
        row.wrapped = keys.wrap(row, keys.unwrap(row).secret)
        row.save(update_fields=["wrapped"])
    if rows:
        audit.record(actor, "vault.keys_rewrapped", instance_key=keys.wrapping_version(), count=len(rows))
    return len(rows)


def rewrap(actor: Actor | None = None) -> int:
    """Wrap every key under the newest instance key; gives how many changed. The old instance key may go then."""
    count = 0
    while some := rewrap_some(actor):
        count += some
    return count
