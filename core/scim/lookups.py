"""A filter or an order of SCIM as one of the database: every attribute that there is can be asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.dateparse import parse_datetime

from core.accounts.models import User
from core.scim.engine.errors import INVALID_FILTER, Fault
from core.scim.engine.filters import Among, Both, Compare, Either, Node, Not, Path, Present
from core.scim.engine.matching import compare
from core.scim.models import Group

EVERYTHING, NOTHING = Q(pk__isnull=False), Q(pk__isnull=True)
SUFFIX = {"co": "icontains", "sw": "istartswith", "ew": "iendswith", "gt": "gt", "ge": "gte", "lt": "lt", "le": "lte"}


@dataclass(frozen=True)
class Field:
    """Where a value is: a column, or what it always is."""

    column: str = ""
    kind: str = "text"
    always: Any = None
    many: Callable[[Q], Q] | None = None
    """For attributes with several values: rows of which one matches."""


def _in_groups(inner: Q) -> Q:
    return Q(pk__in=Group.members.through.objects.filter(inner).values("user_id"))


def _having_members(inner: Q) -> Q:
    return Q(pk__in=Group.members.through.objects.filter(inner).values("group_id"))


COMMON = {
    "id": Field("pk", "id"),
    "externalid": Field("external_id", "exact"),
    "meta.created": Field("created_at", "time"),
    "meta.lastmodified": Field("changed_at", "time"),
}
USERS: Mapping[str, Field] = {
    **COMMON,
    "meta.resourcetype": Field(always="User"),
    "username": Field("user_name"),
    "displayname": Field("display_name"),
    "name.formatted": Field("formatted"),
    "name.givenname": Field("given_name"),
    "name.familyname": Field("family_name"),
    "preferredlanguage": Field("says_language"),
    "active": Field("is_active", "truth"),
    "emails": Field("email"),
    "emails.value": Field("email"),
    "emails.type": Field("email_type"),
    "emails.primary": Field("email_primary", "truth"),
    "groups": Field("group_id", "id", many=_in_groups),
    "groups.value": Field("group_id", "id", many=_in_groups),
    "groups.display": Field("group__name", many=_in_groups),
}
GROUPS: Mapping[str, Field] = {
    **COMMON,
    "meta.resourcetype": Field(always="Group"),
    "displayname": Field("name"),
    "members": Field("user_id", "id", many=_having_members),
    "members.value": Field("user_id", "id", many=_having_members),
    "members.type": Field(always="User"),
}
OF = {User: USERS, Group: GROUPS}


def condition(node: Node, fields: Mapping[str, Field], within: str = "") -> Q:
    """The filter for the database. Raises Fault `invalidFilter` for an attribute that isn't there."""
    match node:
        case Both(left, right):
            return condition(left, fields, within) & condition(right, fields, within)
        case Either(left, right):
            return condition(left, fields, within) | condition(right, fields, within)
        case Not(inner):
            return ~condition(inner, fields, within)
        case Among(attribute, inner):
            return condition(inner, fields, attribute)
        case Present(path):
            return _present(field_of(path, fields, within))
        case Compare(path, operator, value):
            return _comparison(field_of(path, fields, within), operator, value)
    raise AssertionError(node)


def field_of(path: Path, fields: Mapping[str, Field], within: str = "") -> Field:
    name = f"{within}.{path.text}" if within else path.text
    if name not in fields:
        raise Fault(INVALID_FILTER, f"“{name}” isn't an attribute that can be asked for.")
    return fields[name]


def _present(field: Field) -> Q:
    if not field.column:
        return EVERYTHING
    if field.many:
        return field.many(EVERYTHING)
    if field.kind in ("text", "exact"):
        return ~Q(**{field.column: ""})
    return Q(**{f"{field.column}__isnull": False})


def _comparison(field: Field, operator: str, value: Any) -> Q:
    if value is None:
        return ~_present(field) if operator == "eq" else _present(field) if operator == "ne" else NOTHING
    if not field.column:
        return EVERYTHING if compare(field.always, operator, value) else NOTHING
    if operator == "ne":
        return ~_comparison(field, "eq", value)
    simple = _simple(field, operator, value)
    return field.many(simple) if field.many else simple


def _simple(field: Field, operator: str, value: Any) -> Q:
    column = field.column
    match field.kind:
        case "id":
            try:
                return Q(**{column: UUID(str(value))}) if operator == "eq" else NOTHING
            except ValueError:
                return NOTHING
        case "truth":
            return Q(**{column: value}) if operator == "eq" and isinstance(value, bool) else NOTHING
        case "time":
            return _time(column, operator, str(value))
        case "exact":
            return Q(**{f"{column}__{'exact' if operator == 'eq' else SUFFIX[operator].removeprefix('i')}": str(value)})
    return Q(**{f"{column}__{'iexact' if operator == 'eq' else SUFFIX[operator]}": str(value)})


def _time(column: str, operator: str, text: str) -> Q:
    try:
        moment: datetime | None = parse_datetime(text)
    except ValueError:
        moment = None
    if moment is None or operator in ("co", "sw", "ew"):
        raise Fault(INVALID_FILTER, "A moment is compared with one of ISO 8601.")
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return Q(**{f"{column}__{'exact' if operator == 'eq' else SUFFIX[operator]}": moment})


def order(path: Path, fields: Mapping[str, Field], downwards: bool) -> list[str]:
    """The columns to sort by; nothing for what isn't one value."""
    field = field_of(path, fields)
    if not field.column or field.many:
        return []
    return [f"{'-' if downwards else ''}{field.column}", "pk"]
