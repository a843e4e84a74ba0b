"""One line per route of the suite: how to reach it, and who gets what. Whoever is not named gets nothing."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from core.access.demo import World

T = TypeVar("T")
TESTS = Path(__file__).resolve().parent
EVERYONE = ("anonymous", "stranger", "other_site", "member", "researcher", "monitor", "owner", "administrator")
SIGNED_IN = dict.fromkeys(EVERYONE[1:], 200)
"""For what concerns only oneself: each signed-in person gets his own."""
EMPTY = dict.fromkeys(EVERYONE[1:], 422)
"""For what looks at its body first: without one, it says to everybody alike what is missing."""
PUBLIC = dict.fromkeys(EVERYONE, 200)


def no_args(world: World) -> dict[str, Any]:
    return {}


def in_project(world: World) -> dict[str, Any]:
    """The argument of a page that belongs to the project as a whole."""
    return {"project": world.project.slug}


def once(make: Callable[[World], T]) -> Callable[[World], T]:
    """Make it at the first call for a world, and give the same afterwards."""
    made: WeakKeyDictionary[World, T] = WeakKeyDictionary()

    def find(world: World) -> T:
        if world not in made:
            made[world] = make(world)
        return made[world]

    return find


@dataclass(frozen=True)
class Route:
    """A URL by its name, the arguments that lead to something real, and the answer each named person gets.

    Those who are not named get 404; somebody who has not signed in gets 302 to the sign-in page, or 401 on the API.
    A route whose `allowed` names "anonymous" is public. `args` may make what the route needs.
    """

    name: str
    args: Callable[[World], dict[str, Any]] = no_args
    allowed: Mapping[str, int] = field(default_factory=dict)
    method: str = "get"
    data: Any = None
    api: bool = False

    def expected(self, who: str) -> int:
        if who in self.allowed:
            return self.allowed[who]
        if who == "anonymous":
            return 401 if self.api else 302
        return 404

    @property
    def id(self) -> str:
        return f"{self.method} {self.name}"


def routes() -> list[Route]:
    """The routes that each room's ``walk.py`` lists."""
    files = sorted(TESTS.glob("*/walk.py")) + sorted(TESTS.glob("core/*/walk.py"))
    names = [".".join(("tests", *file.relative_to(TESTS).with_suffix("").parts)) for file in files]
    return [route for name in names for route in importlib.import_module(name).ROUTES]
