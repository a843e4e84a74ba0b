"""Tell events in sentences: who did what to which thing, in the reader's language and with what he may see."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import jobs, tool
from core.access.scope import ScopedQuerySet
from core.accounts.models import User
from core.audit.models import Event
from core.journal import queries
from core.journal.models import Kind

if TYPE_CHECKING:
    from core.access.scope import Actor


PARTS = {
    "person": gettext_lazy("one person"),
    "thing": gettext_lazy("one thing"),
    "mine": gettext_lazy("one’s own acts"),
}
"""Parts of the journal that somebody has read."""
HASH = re.compile(r"[0-9a-f]{32,}")


@dataclass(frozen=True)
class Thing:
    """What an event is about: its kind, its name where the reader may see it, its page where it has one."""

    kind: str
    name: str
    url: str = ""


@dataclass(frozen=True)
class Act:
    """What was done, in words, and what was recorded besides."""

    words: str
    details: str

    def __str__(self) -> str:
        return self.words


@dataclass
class Teller:
    """Knows the names in some events, read with one query for the people and one for each kind of thing."""

    reader: Actor
    people: dict[Any, str] = field(default_factory=dict)
    things: dict[tuple[str, str], Any] = field(default_factory=dict)
    sealed: set[int] = field(default_factory=set)
    words: dict[str, Any] = field(default_factory=tool.audit_actions)
    names: dict[str, Any] = field(default_factory=tool.audit_details)

    def learn(self, events: Iterable[Event]) -> None:
        """Read the names that these events need."""
        events = list(events)
        self.people = {user.pk: str(user) for user in User.objects.filter(pk__in={event.actor_id for event in events})}
        self.sealed = queries.sealed_among(events)
        keys = defaultdict(set)
        for event in events:
            if event.object_id:
                keys[event.object_type].add(event.object_id)
        self.things = {}
        for kind, numbers in keys.items():
            self.things |= {(kind, str(key)): thing for key, thing in self._visible(kind, numbers).items()}

    def _visible(self, kind: str, numbers: set[str]) -> dict[Any, Any]:
        model = model_of(kind)
        if model is User:
            return User.objects.in_bulk(list(numbers))
        rows = model._default_manager.all() if model else None
        if model is None or not isinstance(rows, ScopedQuerySet):
            return {}
        visible = rows.visible_to(self.reader)
        if model.scope.project != "pk":
            visible = visible.select_related(model.scope.project)
        return visible.in_bulk(list(numbers))

    def who(self, event: Event) -> str:
        if event.actor_id is None:
            at_a_page = event.channel in ("page", "api")
            return _("Somebody unknown") if at_a_page and event.action.startswith("accounts.") else _("The system")
        return self.people.get(event.actor_id) or _("A former account")

    def did(self, event: Event) -> str:
        """What was done, as it is said after a person's name; the code where nobody has put it into words."""
        return str(self.words.get(event.action, event.action))

    def act(self, event: Event) -> Act:
        """The act with the details that were recorded; nothing of what is empty."""
        names = self.names.get(event.action, {})
        told = (
            _("%(name)s: %(value)s") % {"name": names.get(key, key), "value": in_words(key, value)}
            for key, value in event.details.items()
            if value not in ("", None, [])
        )
        return Act(self.did(event), " · ".join(told))

    def is_sealed(self, event: Event) -> bool:
        return event.pk in self.sealed

    def thing(self, event: Event) -> Thing | None:
        if not event.object_id:
            return None
        found = self.things.get((event.object_type, event.object_id))
        url = found.get_absolute_url() if found is not None and hasattr(found, "get_absolute_url") else ""
        return Thing(kind_in_words(event.object_type), str(found) if found else event.object_id[:8], url)

    def sentence(self, event: Event) -> str:
        thing = self.thing(event)
        about = f" ({thing.kind} {thing.name})" if thing and event.object_id != str(event.actor_id) else ""
        return f"{self.who(event)} {self.did(event)}{about}"


def in_words(key: str, value: Any) -> str:
    """A recorded detail for a reader: codes by their names where they have one, fingerprints by their beginning."""
    if isinstance(value, list):
        return ", ".join(in_words(key, part) for part in value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if key in ("permission", "permissions") and (permission := tool.permissions().get(value)):
        return str(permission.label)
    if key == "rule" and value in Kind.values:
        return str(Kind(value).label)
    if key == "kind" and value in PARTS:
        return str(PARTS[value])
    if key == "task" and (task := jobs.registry.find(value)):
        return str(task.label)
    return f"{value[:12]}…" if isinstance(value, str) and HASH.fullmatch(value) else str(value)


def model_of(kind: str) -> Any:
    try:
        return apps.get_model(kind)
    except (LookupError, ValueError):
        return None


def kind_in_words(kind: str) -> str:
    model = model_of(kind)
    return str(model._meta.verbose_name) if model else kind
