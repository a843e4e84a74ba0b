"""Drop the keys, remove the rows and the bytes: step by step, each done once, to go on wherever it was stopped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import models, transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from core import files, tool
from core.access.models import Invitation, Membership, Project
from core.access.people import shut_out
from core.accounts.models import User
from core.files.models import StoredFile
from core.notices.models import Notice
from core.vault.resealing import triggers_aside

if TYPE_CHECKING:
    from core.access.scope import Actor

PIECE = 200


def groups() -> Iterator[tuple[str, Mapping[str, str]]]:
    """What goes with a project, tools first: what they hold refers to what the core does."""
    for room in reversed(list(tool.rooms())):
        for group in room.erased:
            yield room.label, group


def elsewhere(project: Project) -> dict[str, int]:
    """Remove what the rooms keep neither in rows nor in files."""
    found: dict[str, int] = {}
    for room in tool.rooms():
        if room.erase:
            found |= import_string(room.erase)(project)
    return found


def erase_rows(label: str, group: Mapping[str, str], project: Project) -> dict[str, int]:
    """Delete a group's rows of the project, in the transaction of the caller; gives how many of which model."""
    found = {
        model: model._base_manager.filter(**{lookup: project})
        for name, lookup in group.items()
        for model in [apps.get_model(label, name)]
    }
    for model, rows in found.items():
        mutual = [f.name for f in model._meta.concrete_fields if f.null and f.related_model in found.keys() - {model}]
        if mutual:
            rows.update(**dict.fromkeys(mutual, None))
        for through, name in pairs(model):
            delete(through._base_manager.filter(**{f"{name}__in": rows.values("pk")}))
    return {model._meta.label: delete(rows) for model, rows in found.items()}


def pairs(model: type[models.Model]) -> Iterator[tuple[type[models.Model], str]]:
    """The tables that tie its rows to others, with the field that leads to it."""
    for other in apps.get_models(include_auto_created=True):
        if other._meta.auto_created:
            yield from ((other, field.name) for field in other._meta.concrete_fields if field.related_model is model)


def delete(rows: models.QuerySet[Any]) -> int:
    """All at once in the database, also of a table that refuses it; nothing follows them by itself."""
    with transaction.atomic(), triggers_aside(rows.model._meta.db_table, "DELETE"):
        return int(rows._raw_delete(rows.db))


def left(project: Project) -> models.QuerySet[StoredFile]:
    return StoredFile.objects.filter(project=project, erased_at=None).order_by("pk")


def erase_files(actor: Actor | None, project: Project) -> tuple[int, int]:
    """Erase some of the files, in the transaction of the caller; gives how many, 0 at the end, and their bytes."""
    some = list(left(project)[:PIECE])
    for stored in some:
        files.erase(actor, stored, reason="erasure")
    return len(some), sum(stored.size for stored in some)


def close(project: Project) -> None:
    """Nothing is entered into it from now on."""
    Project.objects.filter(pk=project.pk, archived_at=None).update(archived_at=timezone.now())


def personal(person: User) -> Iterator[tuple[type[models.Model], str]]:
    """The models whose rows are the person's own, with the field that says whose they are."""
    for relation in User._meta.related_objects:
        if getattr(relation, "on_delete", None) is models.CASCADE:
            yield relation.related_model, relation.field.name
    for room in tool.rooms():
        for name, lookup in room.personal.items():
            yield apps.get_model(room.label, name), lookup


def erase_person(person: User, address: str) -> dict[str, int]:
    """Close the account, end what it may, delete what is the person's own, and take its name away.

    What he entered in projects stays, under the project's law, as does that somebody did it: under a number. `address`
    is the page of his erasure, of which others were told by his name.
    """
    shut_out(person)
    now = timezone.now()
    Membership.objects.active().filter(user=person).update(ends_at=now)
    found: dict[str, int] = {}
    for model, lookup in personal(person):
        _count, by_model = model._base_manager.filter(**{lookup: person}).delete()
        found |= {label: found.get(label, 0) + count for label, count in by_model.items()}
    invited, _by = Invitation.objects.filter(email__iexact=person.email, accepted_at=None).delete()
    found["access.Invitation"] = invited
    Notice.objects.filter(url=address).delete()
    number, nowhere = f"— {person.pk.hex[:8]}", f"{person.pk.hex}@erased.invalid"
    for room in tool.rooms():
        if room.forget:
            import_string(room.forget)(person, number, nowhere)
    person.full_name, person.email = number, nowhere
    person.last_login = None
    person.is_active = person.is_administrator = False
    person.set_unusable_password()
    person.save()
    return {label: count for label, count in found.items() if count}
