"""What a directory says of a person or a group, checked value by value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from core.scim.engine.errors import INVALID_VALUE, Fault

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_MEMBERS = 50_000


@dataclass(frozen=True)
class Person:
    user_name: str
    external_id: str
    given_name: str
    family_name: str
    display_name: str
    formatted: str
    language: str
    """As the directory says it: a language tag, or nothing."""
    email: str
    """Empty where the directory says none, and its user name isn't one."""
    email_type: str
    email_primary: bool | None
    active: bool | None
    """None where it says nothing."""

    @property
    def full_name(self) -> str:
        """How the suite names the person."""
        return self.display_name or self.formatted or f"{self.given_name} {self.family_name}".strip()[:150]


@dataclass(frozen=True)
class GroupWanted:
    name: str
    external_id: str
    members: frozenset[UUID]


def person(said: Mapping[str, Any]) -> Person:
    """Raises Fault `invalidValue`."""
    user_name = text(said, "userName", 254, required=True)
    name = said.get("name") or {}
    best = best_email(said)
    given, family = text(name, "givenName", 150), text(name, "familyName", 150)
    return Person(
        user_name=user_name,
        external_id=text(said, "externalId", 254),
        given_name=given,
        family_name=family,
        display_name=text(said, "displayName", 150),
        formatted=text(name, "formatted", 150),
        language=text(said, "preferredLanguage", 20),
        email=address_of(best, user_name),
        email_type=text(best, "type", 60),
        email_primary=truth(best, "primary"),
        active=truth(said, "active"),
    )


def group(said: Mapping[str, Any]) -> GroupWanted:
    """Raises Fault `invalidValue`."""
    members = said.get("members") or []
    if len(members) > MOST_MEMBERS:
        raise Fault(INVALID_VALUE, f"A group has at most {MOST_MEMBERS} members.")
    return GroupWanted(
        name=text(said, "displayName", 150, required=True),
        external_id=text(said, "externalId", 254),
        members=frozenset(member(each) for each in members),
    )


def member(said: Mapping[str, Any]) -> UUID:
    kind = said.get("type")
    if kind is not None and str(kind).lower() != "user":
        raise Fault(INVALID_VALUE, "The members of a group are people: groups in groups aren't kept here.")
    try:
        return UUID(str(said.get("value")))
    except ValueError:
        raise Fault(INVALID_VALUE, "A member is named by the id of a person, in “value”.") from None


def text(said: Mapping[str, Any], name: str, longest: int, required: bool = False) -> str:
    value = said.get(name)
    if value is None and not required:
        return ""
    if not isinstance(value, str) or (required and not value.strip()):
        raise Fault(INVALID_VALUE, f"“{name}” is a text.")
    if len(value) > longest:
        raise Fault(INVALID_VALUE, f"“{name}” has at most {longest} characters.")
    return value.strip()


def truth(said: Mapping[str, Any], name: str) -> bool | None:
    """Some directories write truth as a text."""
    value = said.get(name)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise Fault(INVALID_VALUE, f"“{name}” is true or false.")


def best_email(said: Mapping[str, Any]) -> Mapping[str, Any]:
    """The one address of the account: the primary one, that of work, or the first."""
    listed = said.get("emails") or []
    return min(listed, key=lambda each: (not truth(each, "primary"), each.get("type") != "work"), default={})


def address_of(best: Mapping[str, Any], user_name: str) -> str:
    if best:
        address = text(best, "value", 254, required=True).lower()
        if not is_email(address):
            raise Fault(INVALID_VALUE, "“emails.value” isn't an e-mail address.")
        return address
    return user_name.lower() if is_email(user_name) else ""


def is_email(address: str) -> bool:
    try:
        validate_email(address)
    except ValidationError:
        return False
    return True
