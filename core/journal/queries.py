"""Which events a person may read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from core import tool
from core.access.models import Project
from core.access.scope import limits_of
from core.accounts.models import User
from core.audit.models import Event, Link

if TYPE_CHECKING:
    from core.access.scope import Actor

READ = "audit.read_journal"


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


def matching(word: str) -> Q:
    """The events in which a word occurs: in the reason, the act in words, a thing's number, a person's name."""
    wanted = word.lower()
    codes = [code for code, words in tool.audit_actions().items() if wanted in str(words).lower()]
    people = User.objects.filter(Q(full_name__icontains=word) | Q(email__icontains=word))
    return (
        Q(reason__icontains=word)
        | Q(action__icontains=word)
        | Q(action__in=codes)
        | Q(object_id__istartswith=word)
        | Q(request_id__istartswith=word)
        | Q(actor_id__in=people.values("pk"))
    )


def people_in(events: QuerySet[Event]) -> list[tuple[str, str]]:
    """Those who did something in these events, as choices."""
    people = User.objects.filter(pk__in=events.order_by().values("actor_id").distinct()).order_by("full_name")
    return [(str(person.pk), str(person)) for person in people]


def actions_in(events: QuerySet[Event]) -> list[tuple[str, str]]:
    """What was done in these events, as choices in the reader's words."""
    words = tool.audit_actions()
    codes = events.order_by("action").values_list("action", flat=True).distinct()
    return sorted(((code, str(words.get(code, code))) for code in codes), key=lambda choice: choice[1])


def kinds_in(events: QuerySet[Event]) -> list[str]:
    """The kinds of things in these events."""
    kinds = events.exclude(object_type="").order_by("object_type").values_list("object_type", flat=True)
    return list(kinds.distinct())


def sealed_among(events: list[Event]) -> set[int]:
    """Which of these events have their place in the chain."""
    return set(Link.objects.filter(event_id__in=[event.pk for event in events]).values_list("event_id", flat=True))
