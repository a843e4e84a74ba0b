"""How a room of the core or a tool presents itself to the portal: one value in its ``apps.py``, read by everyone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

from django.apps import AppConfig, apps

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True)
class Permission:
    """Something one may do, named ``tool.verb_noun``."""

    code: str
    label: _StrPromise | str
    whole_project: bool = False
    """Counts only in a membership for all sites, because what it opens is not divided by site."""
    health_data: bool = False
    """Opens patients' data: never given by a role at the level of an organisation."""


class Level(StrEnum):
    GOOD = "good"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True)
class Finding:
    """What a check of the instance's health found, for those who run it; never anybody's data."""

    name: str
    """Stable, for monitoring: ``jobs.worker``."""
    level: Level
    message: _StrPromise | str = ""
    """What is wrong, why, and what to do."""


class RoomConfig(AppConfig):
    """An app that brings permissions, a share of the built-in roles, checks of its health and demo data."""

    default = False

    def __init_subclass__(cls) -> None:
        """Let Django find the app's own class, not the bases that its ``apps.py`` imports from here."""
        cls.default = cls.__module__ != __name__

    permissions: ClassVar[Sequence[Permission]] = ()
    roles: ClassVar[Mapping[str, Sequence[str]]] = {}
    """Built-in role key -> permission codes that this app adds to it."""
    audit_actions: ClassVar[Mapping[str, _StrPromise | str]] = {}
    """Action that this app records -> what it says after a person's name: ``exported the entries``."""
    audit_details: ClassVar[Mapping[str, _StrPromise | str]] = {}
    """Detail that these actions record besides -> its name for a reader: ``rows``."""
    uploads: ClassVar[Sequence[str]] = ()
    """Names of the addresses that take files; a request to any other is small."""
    health: ClassVar[Sequence[str]] = ()
    """Dotted names of functions ``() -> Finding``."""
    upkeep: ClassVar[Sequence[str]] = ()
    """Dotted names of functions without arguments that tidy up; done about once a day, harmless to repeat."""
    demo: ClassVar[str] = ""
    """Dotted name of a function ``(world: core.access.demo.World) -> None`` that loads this app's demo data."""


class ToolConfig(RoomConfig):
    """One of the tools a person opens from the portal."""

    label_: ClassVar[_StrPromise | str]
    description: ClassVar[_StrPromise | str] = ""
    icon: ClassVar[str]
    home: ClassVar[str]
    """Name of the URL of its first page in a project; takes the project's slug as ``project``."""
    needs: ClassVar[str]
    """The permission without which the tool is not shown in a project."""
    dashboard: ClassVar[str] = ""
    """Dotted name of ``(actor, projects) -> list[core.portal.home.Card]``: what needs my attention in each of them."""
    search: ClassVar[str] = ""
    """Dotted name of ``(actor, words) -> list[core.portal.search.Hit]``."""


def rooms() -> Iterator[RoomConfig]:
    return (config for config in apps.get_app_configs() if isinstance(config, RoomConfig))


def tools() -> Iterator[ToolConfig]:
    return (config for config in rooms() if isinstance(config, ToolConfig))


def audit_actions() -> dict[str, _StrPromise | str]:
    """Every action of every app in words, by its code."""
    return {code: words for room in rooms() for code, words in room.audit_actions.items()}


def audit_details() -> dict[str, Mapping[str, _StrPromise | str]]:
    """For every action of every app, the names of what it records besides."""
    return {code: room.audit_details for room in rooms() for code in room.audit_actions}


def uploads() -> frozenset[str]:
    """The names of all addresses that take files."""
    return frozenset(name for room in rooms() for name in room.uploads)


def permissions() -> dict[str, Permission]:
    """Every permission of every app, by code."""
    return {permission.code: permission for room in rooms() for permission in room.permissions}
