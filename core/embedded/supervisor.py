"""Keep a few processes alive: start them, copy their words to the logs, start again what ends, stop all in order.

One loop waits for everything at once: a line of output, the end of a process, a signal.
"""

from __future__ import annotations

import logging
import os
import selectors
import signal
import socket
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from core.embedded.children import Child, Kept
from core.embedded.errors import CantStart

SHORTEST_PAUSE, LONGEST_PAUSE = 0.2, 30.0
STEADY = 60.0
"""Seconds after which a process counts as running well: its next pause is the shortest again."""

log = logging.getLogger("suite")


@dataclass
class Post:
    """The place of one process, which may be filled by many in turn."""

    kept: Kept
    handle: int | None = None
    """A descriptor that becomes readable when the process ends; None while there is none."""
    since: float = 0.0
    pause: float = SHORTEST_PAUSE
    due: float | None = None
    """When to start it again."""
    rest: bytes = field(default=b"", repr=False)
    """The beginning of a line of output whose end has not come yet."""


class Supervisor:
    """Runs until SIGTERM or SIGINT."""

    def __init__(self, kept: Sequence[Kept]) -> None:
        self.posts = [Post(one) for one in kept]
        self.selector = selectors.DefaultSelector()
        self.ending = False

    def run(self, until_ready: Callable[[], bool]) -> None:
        """Start everything, call `until_ready` a few times a second until it says yes, and keep all alive."""
        self.listen_to_signals()
        for post in self.posts:
            self.start(post)
        ready = False
        while not self.ending:
            self.wait(0.1 if not ready else self.next_start())
            self.start_due()
            if not ready and not self.ending:
                ready = until_ready()
        self.stop()

    def listen_to_signals(self) -> None:
        """A signal wakes the loop through a socket: nothing is done inside the handler."""
        mine, theirs = socket.socketpair()
        mine.setblocking(False)
        theirs.setblocking(False)
        signal.set_wakeup_fd(theirs.fileno())
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: None)
        self.wakeup = (mine, theirs)
        self.selector.register(mine, selectors.EVENT_READ, self.signalled)

    def children(self) -> list[Child]:
        return [post.kept for post in self.posts if isinstance(post.kept, Child)]

    def signalled(self) -> None:
        """The first signal begins an orderly end, the second kills."""
        self.wakeup[0].recv(64)
        if self.ending:
            for child in self.children():
                child.kill()
        self.ending = True

    def start(self, post: Post) -> None:
        post.due = None
        post.since = time.monotonic()
        try:
            pid = post.kept.start()
            post.handle = os.pidfd_open(pid)
        except (OSError, CantStart) as error:
            log.error("%s can't start: %s", post.kept.name, error)
            self.put_off(post)
            return
        self.selector.register(post.handle, selectors.EVENT_READ, lambda: self.ended(post))
        if isinstance(post.kept, Child):
            os.set_blocking(post.kept.output.fileno(), False)
            self.selector.register(post.kept.output, selectors.EVENT_READ, lambda: self.copy(post))

    def ended(self, post: Post) -> None:
        """Clear up after a process, and put its next start off unless everything ends."""
        assert post.handle is not None
        self.selector.unregister(post.handle)
        os.close(post.handle)
        post.handle = None
        how = "ended"
        if isinstance(post.kept, Child):
            self.copy(post)
            self.selector.unregister(post.kept.output)
            post.kept.output.close()
            assert post.kept.process is not None
            how = f"ended with status {post.kept.process.wait()}"
        if not self.ending:
            log.warning("%s %s", post.kept.name, how)
            self.put_off(post)

    def put_off(self, post: Post) -> None:
        """Start it again after a pause that doubles each time, unless it had run well."""
        if time.monotonic() - post.since > STEADY:
            post.pause = SHORTEST_PAUSE
        post.due = time.monotonic() + post.pause
        post.pause = min(post.pause * 2, LONGEST_PAUSE)

    def next_start(self) -> float | None:
        due = [post.due for post in self.posts if post.due is not None]
        return max(0.0, min(due) - time.monotonic()) if due else None

    def start_due(self) -> None:
        for post in self.posts:
            if post.due is not None and post.due <= time.monotonic():
                log.info("%s starts again", post.kept.name)
                self.start(post)

    def copy(self, post: Post) -> None:
        """Copy whole lines of a child's output to its log."""
        assert isinstance(post.kept, Child)
        words = logging.getLogger(f"suite.{post.kept.name}")
        with suppress(BlockingIOError):
            while piece := os.read(post.kept.output.fileno(), 65536):
                *lines, post.rest = (post.rest + piece).split(b"\n")
                for line in lines:
                    words.info("%s", line.decode(errors="replace"))

    def wait(self, seconds: float | None) -> None:
        """Wait for what comes first, and do what it asks."""
        for key, _events in self.selector.select(seconds):
            if key.fd in self.selector.get_map():
                act: Callable[[], Any] = key.data
                act()

    def stop(self) -> None:
        """Stop what was started last first; who doesn't end in time is killed."""
        for post in reversed(self.posts):
            if not isinstance(post.kept, Child):
                continue
            post.kept.ask_to_end()
            deadline = time.monotonic() + post.kept.patience
            while post.handle is not None:
                if (left := deadline - time.monotonic()) <= 0:
                    post.kept.kill()
                    deadline = float("inf")
                    continue
                self.wait(min(left, 60))
        log.info("stopped")
