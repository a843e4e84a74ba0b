"""Which events a person may read."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.apps import apps
from django.db import connection
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import tool
from core.access.models import Project
from core.access.scope import limits_of
from core.accounts.models import User
from core.audit.models import Event, Link
from core.db import Record

if TYPE_CHECKING:
    from core.access.scope import Actor

READ = "audit.read_journal"
EMERGENCY = "access.emergency_"
FAMILIES = {
    "access": _("Projects and members"),
    "accounts": _("Accounts and sign-ins"),
    "api": _("Tokens"),
    "audit": _("Audit trail"),
    "datasets": _("Datasets"),
    "files": _("Files"),
    "jobs": _("Long work"),
    "vault": _("Keys"),
}
"""What the acts of the core's rooms are called; the tools bring their own names."""


def of_project(project: Project) -> QuerySet[Event]:
    return Event.objects.filter(project_id=project.pk)


def of_instance() -> QuerySet[Event]:
    """Sign-ins, accounts, organisations: what belongs to no project. Nothing of a project is among it."""
    return Event.objects.filter(project_id=None)


def reads_instance(actor: Actor) -> bool:
    """The administrators of the instance read what belongs to no project; a token never does."""
    return bool(getattr(actor, "is_administrator", False)) and actor.is_active and limits_of(actor) is None


def readable(actor: Actor) -> QuerySet[Event]:
    """Every event that this person may read, of all projects together."""
    projects = Project.objects.visible_to(actor, READ)
    allowed = Q(project_id__in=projects.values("pk"))
    return Event.objects.filter(allowed | Q(project_id=None) if reads_instance(actor) else allowed)


def of_person(person_id: UUID, project: Project | None = None) -> QuerySet[Event]:
    """What one person did in a project; without one, what he did that belongs to no project."""
    return (of_project(project) if project is not None else of_instance()).filter(actor_id=person_id)


def of_myself(actor: Actor) -> QuerySet[Event]:
    """All that one did oneself, everywhere."""
    return Event.objects.filter(actor_id=actor.pk) if actor.pk is not None else Event.objects.none()


def of_thing(project: Project, kind: str, key: str) -> QuerySet[Event]:
    """Who read and changed one thing of a project."""
    return of_project(project).filter(object_type=kind, object_id=key)


def matching(word: str) -> Q:
    """The events in which a word occurs: in the reason, the act in words, a thing's number, a person's name."""
    wanted = word.lower()
    codes = [code for code, words in tool.audit_actions().items() if wanted in str(words).lower() or wanted in code]
    people = User.objects.filter(Q(full_name__icontains=word) | Q(email__icontains=word))
    return (
        (Q(reason__icontains=word) & ~Q(reason=""))
        | Q(action__in=codes)
        | Q(object_id__startswith=wanted)
        | Q(request_id__startswith=wanted)
        | Q(actor_id__in=list(people.values_list("pk", flat=True)[:1000]))
    )


EACH = """
WITH RECURSIVE each AS (
    (SELECT {column} AS value FROM audit_event WHERE project_id = %(project)s AND {column} IS NOT NULL
     ORDER BY {column} LIMIT 1)
    UNION ALL
    SELECT (SELECT {column} FROM audit_event WHERE project_id = %(project)s AND {column} > each.value
            ORDER BY {column} LIMIT 1)
    FROM each WHERE each.value IS NOT NULL
) SELECT value FROM each WHERE value IS NOT NULL
"""
"""The different values of an indexed column in a project: as many steps as there are values, however many events."""


def _each(column: str, project: Project) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(EACH.format(column=column), {"project": project.pk})
        return [value for (value,) in cursor.fetchall()]


def people_in(project: Project | None) -> list[tuple[str, str]]:
    """Those who did something in a project, as choices; without one, everybody who has an account."""
    people = User.objects.order_by("full_name")
    if project is not None:
        people = people.filter(pk__in=_each("actor_id", project))
    return [(str(person.pk), str(person)) for person in people]


def actions_in(project: Project | None) -> list[tuple[str, str]]:
    """What was done in a project, as choices in the reader's words; without one, all that can be done."""
    words = tool.audit_actions()
    codes = words.keys() if project is None else _each("action", project)
    return sorted(((code, str(words.get(code, code))) for code in codes), key=lambda choice: choice[1])


def families() -> list[tuple[str, str]]:
    """The rooms and tools whose acts are recorded, as choices."""
    named = {room.label: getattr(room, "label_", "") or FAMILIES.get(room.label, room.label) for room in tool.rooms()}
    found = {code.partition(".")[0] for code in tool.audit_actions()}
    return sorted(((key, str(named.get(key, FAMILIES.get(key, key)))) for key in found), key=lambda choice: choice[1])


def with_reason(events: QuerySet[Event], words: str) -> QuerySet[Event]:
    """Where these words stand in the reason. Most events have none, and an index knows those that have."""
    return events.filter(reason__icontains=words).exclude(reason="")


def of_family(events: QuerySet[Event], family: str) -> QuerySet[Event]:
    """The acts of one room or tool. By their names, not by their beginning: then the index serves."""
    return events.filter(action__in=[code for code in tool.audit_actions() if code.startswith(f"{family}.")])


def of_emergency(events: QuerySet[Event], _chosen: str = "yes") -> QuerySet[Event]:
    """The openings and endings of access in an emergency."""
    codes = [code for code in tool.audit_actions() if code.startswith(EMERGENCY)]
    return events.filter(action__in=[*codes, f"{EMERGENCY}opened"])


def kinds() -> list[tuple[str, str]]:
    """The kinds of things that events can be about, as choices."""
    named = [
        (model._meta.label_lower, str(model._meta.verbose_name))
        for model in apps.get_models()
        if issubclass(model, Record) or model is User
    ]
    return sorted(named, key=lambda choice: choice[1])


def by_day(events: QuerySet[Event], first: date, last: date) -> list[tuple[date, int, int]]:
    """For each day: how many acts, and how many of them were refused or failed. Days without any are there too."""
    start, end = (timezone.make_aware(datetime.combine(day, time.min)) for day in (first, last + timedelta(days=1)))
    rows = (
        events.filter(at__gte=start, at__lt=end)
        .order_by()
        .annotate(day=TruncDate("at"))
        .values_list("day")
        .annotate(all=Count("pk"), wrong=Count("pk", filter=~Q(outcome=Event.Outcome.DONE)))
    )
    found = {day: (count, wrong) for day, count, wrong in rows}
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return [(day, *found.get(day, (0, 0))) for day in days]


def sealed_among(events: list[Event]) -> set[int]:
    """Which of these events have their place in the chain."""
    return set(Link.objects.filter(event_id__in=[event.pk for event in events]).values_list("event_id", flat=True))


def members(project: Project) -> QuerySet[User]:
    """Who is or was a member of the project."""
    here = Q(memberships__project=project) | Q(memberships__organisation=project.organisation_id)
    return User.objects.filter(here).distinct()
