"""A browser's engine in node, before a portal that serves a repository."""

from __future__ import annotations

import itertools
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from backup.engine.format import keyfile
from backup.engine.format.keys import Key
from backup.engine.stores.base import Store
from tests.backup.browser.node import Answer, node
from tests.backup.browser.portal import Portal, serving
from tests.backup.keeping.conftest import Depot

REPORT = "restore-report.json"


def call(name: str, to: Path | None = None, **args: Any) -> Answer:
    return {"call": name, "args": args, **({"to": to} if to else {})}


@dataclass
class Page:
    """A page that has opened a repository with a key. Each `do` is a new worker."""

    portal: Portal
    key: Key
    base: Path
    _files: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def do(self, *calls: Answer, key: Key | None = None, seen: int = 0, options: tuple[str, ...] = ()) -> list[Answer]:
        """The answers; the first is that of opening."""
        opening = self.opening(key, seen=seen)
        answers: list[Answer] = node("engine.mjs", [opening, *calls], *options)
        return answers

    def opening(self, key: Key | None = None, *, seen: int = 0, world: int = 0) -> Answer:
        return call("open", keyfile=keyfile.dump(key or self.key), store=self.portal.address(world), seen=seen)

    def ask(self, *calls: Answer, key: Key | None = None) -> list[Any]:
        """What calls give that must go well."""
        answers = self.do(*calls, key=key)
        assert [answer["error"] for answer in answers if "error" in answer] == []
        return [answer.get("value", answer) for answer in answers[1:]]

    def file(self, snapshot: bytes, path: str) -> bytes:
        target = self.new()
        self.ask(call("file", target, snapshot=snapshot.hex(), path=path))
        return target.read_bytes()

    def zip(self, snapshot: bytes, *paths: str, key: Key | None = None) -> zipfile.ZipFile:
        target = self.new()
        self.ask(call("zip", target, snapshot=snapshot.hex(), paths=list(paths)), key=key)
        return zipfile.ZipFile(target)

    def contents(self, snapshot: bytes, *paths: str, key: Key | None = None) -> dict[str, bytes]:
        """Every file of a zip, by its name."""
        with self.zip(snapshot, *paths, key=key) as archive:
            return {
                name: archive.read(name) for name in archive.namelist() if name != REPORT and not name.endswith("/")
            }

    def new(self) -> Path:
        """A file that isn't there yet."""
        return self.base / f"out-{next(self._files)}"


@pytest.fixture
def page_of(tmp_path: Path) -> Iterator[Callable[[Store, Key], Page]]:
    """A page before the portal of any store."""
    with ExitStack() as stack:
        yield lambda store, key: Page(stack.enter_context(serving(store)), key, tmp_path)


@pytest.fixture
def depot(tmp_path: Path) -> Depot:
    return Depot(tmp_path)
