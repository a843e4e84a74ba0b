"""A study as ODM sees it, whatever the version: its parts by OID, as they refer to each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Texts = dict[str, str]
"""A text per language; "" where the file doesn't say the language."""


@dataclass
class Part:
    """What every part of the metadata has."""

    oid: str
    name: str
    line: int = 0
    help: Texts = field(default_factory=dict)
    extra: dict[str, str] = field(default_factory=dict)
    """Attributes and aliases that the definition has no word for."""
    patch: dict[str, Any] = field(default_factory=dict)
    """What the definition says beyond ODM: ``{"set": {…}, "unset": […]}``."""


@dataclass
class Formula(Part):
    """A condition or a method: expressions by their context."""

    expressions: list[tuple[str, str]] = field(default_factory=list)
    kind: str = ""


@dataclass
class Use:
    """A reference to a part, with what holds for this place only."""

    oid: str
    line: int = 0
    mandatory: bool = False
    condition: str = ""
    """The OID of the condition under which the part is left out."""
    method: str = ""
    repeats: bool = False
    """Several values at once (2.0)."""


@dataclass
class Check:
    comparator: str
    values: list[str]
    expressions: list[tuple[str, str]]
    hard: bool
    message: Texts
    line: int = 0


@dataclass
class CodeList(Part):
    kind: str = "text"
    items: list[tuple[str, Texts]] = field(default_factory=list)
    external: bool = False


@dataclass
class Item(Part):
    kind: str = "text"
    """ODM's DataType."""
    length: int | None = None
    digits: int | None = None
    label: Texts = field(default_factory=dict)
    units: list[str] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    codes: str = ""
    box: tuple[str, str] | None = None
    """The item and the choice of which this is the box: 1.3.2 has no item with several values."""


@dataclass
class Group(Part):
    repeats: bool = False
    items: list[Use] = field(default_factory=list)


@dataclass
class Form(Part):
    repeats: bool = False
    groups: list[tuple[Use, int]] = field(default_factory=list)
    """Each group with how deep it stands."""


@dataclass
class Event(Part):
    kind: str = "Scheduled"
    repeats: bool = False
    forms: list[Use] = field(default_factory=list)


@dataclass
class Arm(Part):
    events: list[str] = field(default_factory=list)


@dataclass
class Study(Part):
    description: str = ""
    protocol: str = ""
    version: str = ""
    version_name: str = ""
    order: list[str] = field(default_factory=list)
    """The events in the order of the protocol."""
    arms: dict[str, Arm] = field(default_factory=dict)
    events: dict[str, Event] = field(default_factory=dict)
    forms: dict[str, Form] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    items: dict[str, Item] = field(default_factory=dict)
    lists: dict[str, CodeList] = field(default_factory=dict)
    conditions: dict[str, Formula] = field(default_factory=dict)
    methods: dict[str, Formula] = field(default_factory=dict)
    units: dict[str, tuple[str, Texts]] = field(default_factory=dict)


def patched(native: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """What the file says in ODM's own words, with what it says beyond them."""
    return {key: value for key, value in native.items() if key not in patch.get("unset", ())} | dict(
        patch.get("set", {})
    )


def difference(
    native: Mapping[str, Any], wanted: Mapping[str, Any], apart: frozenset[str] = frozenset()
) -> dict[str, Any]:
    """The patch that makes `wanted` of what ODM says; what is `apart` is compared elsewhere."""
    found = {key: value for key, value in wanted.items() if key not in apart and native.get(key) != value}
    lost = [key for key in native if key not in wanted and key not in apart]
    return ({"set": found} if found else {}) | ({"unset": sorted(lost)} if lost else {})
