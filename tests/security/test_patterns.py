"""No text that somebody sends makes one of our patterns search for ever."""

from __future__ import annotations

import importlib
import pkgutil
import re
import signal
from collections.abc import Callable, Iterator
from functools import cache
from types import FrameType

import pytest

from tests.repository.files import CODE, named

ROOMS = ("core", "ecrf", "backup", "lowcode", "prescriptions", "datahub")
LONG = 10_000
PIECES = (
    "a",
    "1",
    " ",
    "-",
    ".",
    "_",
    "a1",
    "a ",
    "1 ",
    "a.",
    "a-",
    "1,",
    "é",
    "\n",
    "\t",
    "/",
    "(",
    "[",
    "<",
    '"',
    "'",
    "\\",
    ":",
    "=",
    "@",
    "&",
)
SECONDS = 1


def patterns() -> Iterator[tuple[str, re.Pattern[str]]]:
    """Every pattern that a module of ours keeps."""
    for room in ROOMS:
        package = importlib.import_module(room)
        for module in pkgutil.walk_packages(package.__path__, f"{room}."):
            if ".migrations" in module.name or ".management" in module.name or module.name.endswith(("asgi", "inside")):
                continue
            for name, value in vars(importlib.import_module(module.name)).items():
                if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
                    yield f"{module.name}.{name}", value


@cache
def source() -> str:
    return "\n".join(path.read_text() for path in named(".py", among=CODE))


def ways(name: str, pattern: re.Pattern[str]) -> list[Callable[[str], object]]:
    """How a pattern is used: from one place, or searched for from every one."""
    used = set(re.findall(rf"\b{name.rpartition('.')[2]}\.(\w+)\(", source()))
    anchored = bool(used) and used <= {"match", "fullmatch"}
    return [pattern.match, pattern.fullmatch, *([] if anchored else [pattern.search])]


FOUND = dict(patterns())


def too_long(_number: int, _frame: FrameType | None) -> None:
    raise TimeoutError


@pytest.fixture(autouse=True)
def alarm() -> Iterator[None]:
    before = signal.signal(signal.SIGVTALRM, too_long)
    yield
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    signal.signal(signal.SIGVTALRM, before)


@pytest.mark.parametrize("name", FOUND)
def test_a_pattern_ends(name: str) -> None:
    """Ten thousand characters made to be nearly right are found wrong within a second of computing."""
    used = ways(name, FOUND[name])
    for piece in PIECES:
        text = (piece * LONG)[:LONG] + "\0"
        signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
        for way in used:
            way(text)
    assert len(FOUND) > 30
