"""How a room of the core or a tool presents itself to the portal: one value in its ``apps.py``, read by everyone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar

from django.apps import AppConfig, apps

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


KEPT_IN_ARCHIVE = frozenset(
    {"view", "read", "list", "open", "export", "verify", "manage", "oversee", "restore", "rotate", "destroy"}
)
"""The verbs of what still counts in an archived project."""


@dataclass(frozen=True)
class Permission:
    """Something one may do, named ``tool.verb_noun``."""

    code: str
    label: _StrPromise | str
    whole_project: bool = False
    """Counts only in a membership for all sites, because what it opens is not divided by site."""
    in_person: bool = False
    """Not done by a program that may do in general what its owner may."""
    health_data: bool = False
    """Opens patients' data: never given by a role at the level of an organisation."""
    kept_in_archive: bool | None = None
    """Whether it still counts in an archived project, where its verb doesn't tell."""

    @property
    def counts_in_archive(self) -> bool:
        """An archived project is read and looked after; nothing is entered or changed in it."""
        if self.kept_in_archive is not None:
            return self.kept_in_archive
        verb = self.code.partition(".")[2].partition("_")[0]
        return verb in KEPT_IN_ARCHIVE


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
    asks: _StrPromise | str = ""
    """What should be so, as a sentence for who reads the list."""


class Place(StrEnum):
    """A menu of the portal."""

    PROJECT = "project"
    """Beside the tools of a project; the address takes the project's slug."""
    MEMBERS = "members"
    """A tab beside the list of a project's members, for who holds what it `needs`."""
    ORGANISATION = "organisation"
    """Beside the pages of an organisation, for who administers it; the address takes the organisation's slug."""
    PERSON = "person"
    """One's own work, in all projects."""
    ACCOUNT = "account"
    """One's own account."""
    INSTANCE = "instance"
    """What an administrator of the instance looks after."""


@dataclass(frozen=True)
class Page:
    """The first page of something that a room of the core offers, as the menus lead to it."""

    place: Place
    key: str
    label: _StrPromise | str
    icon: str
    home: str
    """Name of its URL."""
    needs: str = ""
    """In a project: the permission without which it isn't shown."""
    order: int = 50
    """Lower comes first in its menu."""
    is_rare: bool = False
    """Opened seldom: in a project it isn't in the bar, but on the overview and found by the search."""


@dataclass(frozen=True)
class Measure:
    """A number about the instance, for Prometheus: never about a person or a patient."""

    name: str
    """``suite_jobs``; of seconds or bytes, its unit comes last."""
    help: str
    value: float
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Link:
    """Something that datasets are made from or read by, as the reader of a lineage may see it."""

    room: str
    """Name of the tool, as the provenance of a version says it."""
    key: str
    """What the provenance calls it."""
    kind: str
    """``form``, ``analysis``, ``notebook``."""
    label: str
    url: str
    reads: Sequence[Any] = ()
    """Keys of the datasets that it reads."""


@dataclass(frozen=True)
class Act:
    """Something one begins in a project, offered by its words in the search: ``Invite a member``."""

    label: _StrPromise | str
    icon: str
    url: str
    """Name of its URL; takes the project's slug as ``project``."""
    needs: str


@dataclass(frozen=True)
class Errand:
    """Something that waits for a person in a room of the core, in no tool: how many, of what, and where to go on."""

    title: _StrPromise | str
    url: str
    icon: str
    where: str = ""
    count: int | None = None
    text: _StrPromise | str = ""
    state: str = "waiting"
    """Named in core.web.states."""


@dataclass(frozen=True)
class Tracked:
    """A model whose rows' values are kept when they change, by `core.history`."""

    model: str
    """``webhooks.Endpoint``."""
    secret: Sequence[str] = ()
    """Fields that are shown as dots; what the vault seals always is."""
    passing: Sequence[str] = ()
    """Fields that change by themselves, such as when something was last used: never kept."""


@dataclass(frozen=True)
class Step:
    """One thing that a guided tour points at."""

    page: str
    """Name of the URL on which it is; in a tool it takes the project's slug."""
    target: str
    """What its element there says of itself, ``data-tour``. Who doesn't have it on his page is shown the next step."""
    title: _StrPromise | str
    text: _StrPromise | str
    needs: str = ""
    """In a tool: the permission without which its page isn't opened."""


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
    audit_details_anywhere: ClassVar[Mapping[str, _StrPromise | str]] = {}
    """Detail that this app adds to events of any action (`core.audit.journal.markers`) -> its name for a reader."""
    webhooks: ClassVar[Sequence[str]] = ()
    """Those of its actions that other programs may be told of, with the ids of what they are about."""
    pages: ClassVar[Sequence[Page]] = ()
    """What the menus of the portal lead to."""
    presence: ClassVar[Mapping[str, str]] = {}
    """Kind of page on which one sees who else is there -> dotted name of ``(actor, key) -> bool``: who may look."""
    acts: ClassVar[Sequence[Act]] = ()
    """What one begins here, for the search."""
    tour: ClassVar[Sequence[Step]] = ()
    """What a guided tour shows of this app, in order; it begins on the page of the first step and is offered there."""
    notices: ClassVar[Mapping[str, _StrPromise | str]] = {}
    """Kind of notice that this app sends -> its sentence, with the names of its details: ``%(member)s has left``."""
    tracked: ClassVar[Sequence[Tracked]] = ()
    """Its models that decide about access or evidence: PostgreSQL keeps what changes in them."""
    errands: ClassVar[str] = ""
    """Dotted name of ``(actor) -> Iterable[Errand]``: what waits for a person here, for the home page."""
    uploads: ClassVar[Sequence[str] | Mapping[str, int]] = ()
    """Names of the addresses that take files; a request to any other is small. A mapping says how many bytes."""
    programs: ClassVar[str] = ""
    """Dotted name of ``(token) -> bool``: whether a program of this app's own proves itself by such a bearer token.

    Asked before a large body is read.
    """
    lineage: ClassVar[str] = ""
    """Dotted name of ``(actor, project) -> Iterable[Link]``: what datasets are made from or read by, as seen by him."""
    health: ClassVar[Sequence[str]] = ()
    """Dotted names of functions ``() -> Finding``."""
    controls: ClassVar[Mapping[str, str]] = {}
    """Dotted name of a function ``() -> Finding`` about a real installation -> the requirements it answers to."""
    metrics: ClassVar[Sequence[str]] = ()
    """Dotted names of functions ``() -> Iterable[Measure]``, asked each time Prometheus asks."""
    upkeep: ClassVar[Sequence[str]] = ()
    """Dotted names of functions without arguments that tidy up; done about once a day, harmless to repeat."""
    duties: ClassVar[Mapping[str, float]] = {}
    """Dotted name of a short function without arguments -> every how many seconds the scheduler calls it."""
    erased: ClassVar[Sequence[Mapping[str, str]]] = ()
    """What goes when a project is erased, in this order: models of the app -> the lookup from a row to its project.

    The models of one mapping go in one transaction.
    """
    erase: ClassVar[str] = ""
    """Dotted name of ``(project) -> dict[str, int]``: removes what the app keeps neither in rows nor in files.

    Done before its rows go; says how much of what. Harmless to repeat.
    """
    personal: ClassVar[Mapping[str, str]] = {}
    """Models whose rows go when a person is erased, besides those that the account itself takes along (CASCADE)."""
    forget: ClassVar[str] = ""
    """Dotted name of ``(person, name, address) -> None``: puts these where rows that stay copied an erased person's.

    Done while the account still has its former name and address.
    """
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
    anywhere = {key: words for room in rooms() for key, words in room.audit_details_anywhere.items()}
    return {code: {**anywhere, **room.audit_details} for room in rooms() for code in room.audit_actions}


def pages(place: Place) -> list[Page]:
    """What one menu leads to, in order."""
    found = [page for room in rooms() for page in room.pages if page.place is place]
    return sorted(found, key=lambda page: page.order)


def presences() -> dict[str, str]:
    """For every kind of page that tells who else is there, the rule who may look."""
    return {kind: rule for room in rooms() for kind, rule in room.presence.items()}


def acts() -> list[Act]:
    """Everything that one may begin in a project."""
    return [act for room in rooms() for act in room.acts]


def tours() -> dict[str, Sequence[Step]]:
    """Every guided tour, by the label of its app."""
    return {room.label: room.tour for room in rooms() if room.tour}


def notices() -> dict[str, _StrPromise | str]:
    """Every kind of notice of every app in words."""
    return {kind: words for room in rooms() for kind, words in room.notices.items()}


def tracked() -> list[Tracked]:
    """Every model of every app whose history is kept."""
    return [each for room in rooms() for each in room.tracked]


def uploads() -> dict[str, int | None]:
    """The names of all addresses that take files, and how many bytes a body there has at most, where that is said."""
    declared = (
        dict(room.uploads) if isinstance(room.uploads, Mapping) else dict.fromkeys(room.uploads) for room in rooms()
    )
    return {name: most for each in declared for name, most in each.items()}


def programs() -> list[str]:
    """What tells whether a program of an app's own has proved itself."""
    return [room.programs for room in rooms() if room.programs]


def permissions() -> dict[str, Permission]:
    """Every permission of every app, by code."""
    return {permission.code: permission for room in rooms() for permission in room.permissions}
