"""What an agent has to tell of one run: kept on disk until the portal has heard it."""

from __future__ import annotations

import json
import re
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from backup.engine.agent.portal import Portal, Refused
from backup.engine.agent.stopping import check

LONGEST = 2000
"""Characters of one line."""
AT_ONCE = 200
"""Lines in one call."""
MOST_UNSENT = 5000
"""Lines that wait for the portal; what comes beyond them is let fall, and that is said."""
KEPT_EVERY = 15.0
"""Seconds between two writings to disk, while nothing ends."""
GIVEN_UP = 30 * 24 * 3600
"""Seconds after which a portal that never came back isn't told any more."""
_UNSTORABLE = re.compile("[\0\ud800-\udfff\u202d\u202e]")


@dataclass
class Numbers:
    files: int = 0
    bytes: int = 0
    total: int | None = None
    added: int = 0
    unread: int = 0
    doing: str = ""


@dataclass
class Account:
    """Of one run. The work tells it numbers and lines; another thread sends them."""

    path: Path
    run: str
    plan: str
    started: float
    began: bool = False
    """The portal knows of it."""
    numbers: Numbers = field(default_factory=Numbers)
    number: int = 0
    lines: list[dict[str, Any]] = field(default_factory=list)
    """Those that the portal hasn't heard."""
    line: int = 0
    ended: dict[str, Any] | None = None
    stop: bool = False

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._kept_at = 0.0

    @classmethod
    def new(cls, folder: Path, plan: str, started: float, run: str = "") -> Account:
        run = run or str(uuid.uuid4())
        return cls(folder / f"{run}.json", run, plan, started)

    def tell(self, numbers: Numbers) -> None:
        """Say how far it is. Raises StopAsked."""
        self.numbers = numbers
        check(self.is_stopped)

    def is_stopped(self) -> bool:
        return self.stop

    def say(self, text: str, level: str = "info") -> None:
        """A line of what happens."""
        with self._lock:
            self.line += 1
            if len(self.lines) >= MOST_UNSENT:
                return
            if len(self.lines) == MOST_UNSENT - 1:
                text, level = "more lines than can be kept: the rest is let fall", "warning"
            at = datetime.now(UTC).isoformat()
            self.lines.append({"number": self.line, "at": at, "level": level, "text": clean(text)})

    def end(self, state: str, *, error: str = "", result: dict[str, Any] | None = None, snapshot: Any = None) -> None:
        """How it ended. From now on it is on disk until the portal has heard it."""
        self.ended = {"state": state, "error": clean(error), "result": result or {}, "snapshot": snapshot}
        self.keep(at_once=True)

    def keep(self, *, at_once: bool = False) -> None:
        """Write it to disk, now and then."""
        now = time.monotonic()
        if not at_once and now - self._kept_at < KEPT_EVERY:
            return
        self._kept_at = now
        with self._lock:
            whole = {name: value for name, value in asdict(self).items() if name not in ("path", "stop")}
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = self.path.with_suffix(".fresh")
        fresh.write_text(json.dumps(whole))
        fresh.replace(self.path)

    def send(self, portal: Portal) -> None:
        """Tell the portal what it hasn't heard. Raises Away, Removed, and Refused where it doesn't want to hear it."""
        if not self.began:
            started = datetime.fromtimestamp(self.started, UTC).isoformat()
            self._hear(portal.begin({"id": self.run, "plan": self.plan, "started_at": started}))
            self.began = True
        if self.ended is None:
            self._hear(self._report(portal))
            return
        while len(self.lines) > AT_ONCE:
            self._report(portal)
        portal.end(self.run, self._body() | self.ended)
        self.path.unlink(missing_ok=True)

    def _report(self, portal: Portal) -> dict[str, Any]:
        body = self._body()
        heard = portal.report(self.run, body)
        with self._lock:
            del self.lines[: len(body["lines"])]
        return heard

    def _hear(self, heard: dict[str, Any]) -> None:
        self.stop = self.stop or bool(heard["stop"])

    def _body(self) -> dict[str, Any]:
        with self._lock:
            self.number += 1
            numbers = asdict(self.numbers) | {"doing": clean(self.numbers.doing)}
            return {"number": self.number, **numbers, "lines": self.lines[:AT_ONCE]}


class Outbox:
    """The accounts that the portal hasn't heard to their end."""

    def __init__(self, folder: Path, clock: Callable[[], float]) -> None:
        self.folder, self._clock = folder, clock

    def waiting(self) -> Iterator[Account]:
        """The oldest first. One whose end nobody saw was stopped with its program."""
        for path in sorted(self.folder.glob("*.json"), key=lambda one: one.stat().st_mtime):
            try:
                whole = json.loads(path.read_text())
                account = Account(path, **whole | {"numbers": Numbers(**whole["numbers"])})
            except (OSError, ValueError, TypeError, KeyError):
                path.unlink(missing_ok=True)
                continue
            if account.ended is None:
                account.end("failed", error="the agent was stopped while it was under way")
            yield account

    def send(self, portal: Portal, say: Callable[[str], None]) -> None:
        """Tell the portal of every run that has ended. Raises Away, Removed."""
        for account in self.waiting():
            try:
                account.send(portal)
            except Refused as error:
                self._settle(account, portal, error, say)

    def _settle(self, account: Account, portal: Portal, error: Refused, say: Callable[[str], None]) -> None:
        """A run that the portal doesn't take as it was told."""
        assert account.ended is not None
        is_old = self._clock() - account.started > GIVEN_UP
        if error.code == "run-live" and not is_old:
            return  # another run of the plan is still thought to be going on
        if error.status == 422 and account.ended["snapshot"] is not None:
            account.end("failed", error=f"the portal doesn't see the snapshot: {error}", result=account.ended["result"])
            try:
                account.send(portal)
            except Refused as again:
                error = again
            else:
                return
        say(f"the portal doesn't take the report of run {account.run}: {error}")
        account.path.unlink(missing_ok=True)


def clean(text: str) -> str:
    """A text as the portal keeps it: without what no text there holds, and not longer than a line."""
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text).strip()[:LONGEST] or ("-" if text else "")


def shown(path: bytes) -> str:
    return path.decode(errors="replace")
