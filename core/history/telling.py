"""Tell changes field by field, in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from django.apps import apps
from django.db import models
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from core import tool
from core.access.models import Project
from core.accounts.models import User
from core.audit.models import Event
from core.history import words
from core.journal import queries as journal
from core.web.templatetags.web import when

if TYPE_CHECKING:
    from core.history.models import Change


class Field(NamedTuple):
    """One value that changed."""

    name: str
    label: str
    before: str
    after: str


class Teller:
    """Knows the people and the events of some changes, as the reader may see them: one query for each of both."""

    def __init__(self, reader: User, changes: Sequence[Any]) -> None:
        self.reader, self.changes = reader, changes
        self._named: dict[tuple[Any, str], str] = {}

    @cached_property
    def people(self) -> dict[Any, User]:
        return User.objects.in_bulk([change.actor_id for change in self.changes if change.actor_id])

    @cached_property
    def events(self) -> dict[int, Event]:
        """The events that the reader may read in the audit trail."""
        keys = [change.event_id for change in self.changes if change.event_id]
        return journal.readable(self.reader).in_bulk(keys)

    @cached_property
    def slugs(self) -> dict[Any, str]:
        projects = Project.objects.visible_to(self.reader).filter(pk__in=[e.project_id for e in self.events.values()])
        return dict(projects.values_list("pk", "slug"))

    def who(self, change: Change) -> str:
        if change.actor_id is None:
            return _("The suite") if change.event_id else _("done past the suite")
        return str(self.people.get(change.actor_id) or _("an account that is gone"))

    def url(self, change: Change) -> str:
        """Where the event stands in the audit trail; nothing where the reader may not read it."""
        event = self.events.get(change.event_id or 0)
        if event is None or not event.request_id:
            return ""
        slug = self.slugs.get(event.project_id)
        place = reverse("audit:journal", args=[slug]) if slug else reverse("audit:instance")
        return f"{place}?q={event.request_id}"

    def fields(self, change: Change) -> list[Field]:
        """What differs, by the names and in the order of the model; of a whole row only what says something."""
        columns = columns_of(change.kind)
        named = change.before.keys() | change.after.keys()
        order = [*(name for name in columns if name in named), *sorted(named - columns.keys())]
        told = [self.field(columns.get(name), name, change) for name in order]
        return [field for field in told if change.act == change.Act.UPDATE or field.before or field.after]

    def field(self, field: models.Field[Any, Any] | None, name: str, change: Change) -> Field:
        before, after = (self.value(field, values.get(name)) for values in (change.before, change.after))
        return Field(name, words.of_column(field, name), before, after)

    def value(self, field: models.Field[Any, Any] | None, value: Any) -> str:
        """A value as a person reads it."""
        if value in (None, "", []):
            return ""
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if isinstance(value, list):
            known = {code: permission.label for code, permission in tool.permissions().items()}
            return ", ".join(str(known.get(each, each)) for each in value)
        if isinstance(field, models.ForeignKey):
            return self.named(field.related_model, str(value))
        if isinstance(field, models.DateTimeField):
            moment: datetime | None = parse_datetime(str(value))
            return when(moment) if moment else str(value)
        choices = dict(field.flatchoices) if field is not None else {}
        return str(choices.get(value, value))

    def named(self, model: Any, key: str) -> str:
        """What a row that is referred to is called now; its key where it is gone."""
        if (model, key) not in self._named:
            found = model._base_manager.filter(pk=key).first()
            self._named[model, key] = str(found) if found is not None else key
        return self._named[model, key]


def columns_of(kind: str) -> dict[str, models.Field[Any, Any]]:
    """The columns of a model; none where this version of the suite doesn't know it any more."""
    try:
        fields = apps.get_model(kind)._meta.concrete_fields
    except LookupError:
        return {}
    return {str(field.column): field for field in fields}
