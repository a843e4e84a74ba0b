"""From values to PDF, through a child process with limits. What stands in the values is text, never markup."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from threading import Timer
from types import TracebackType
from typing import Any, Self

CHILD = Path(__file__).with_name("child.py")
FAILED = 1 << 63
PAPERS = 60
"""So many papers are set by one process: each leaves some of its memory behind."""
SECONDS = 120


class Unset(Exception):
    """The paper couldn't be set; the message is for who runs the suite."""


class Press:
    """Sets one paper after the other: ``with Press() as press: press.pdf(...)``."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._set = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def pdf(
        self, template: str, values: Mapping[str, Any], at: datetime, images: Mapping[str, bytes] | None = None
    ) -> bytes:
        """The document, dated `at`: the same bytes for the same values. Raises Unset."""
        asked = {
            "template": template,
            "values": values,
            "at": int(at.timestamp()),
            "images": {name: base64.b64encode(content).decode() for name, content in (images or {}).items()},
        }
        line = clean(json.dumps(asked, ensure_ascii=False)).encode() + b"\n"
        child = self.child()
        assert child.stdin is not None
        assert child.stdout is not None
        timer = Timer(SECONDS, child.kill)
        timer.start()
        try:
            child.stdin.write(line)
            child.stdin.flush()
            head = child.stdout.read(8)
            length = int.from_bytes(head, "big")
            content: bytes = child.stdout.read(length & ~FAILED)
        except BrokenPipeError:
            head = content = b""
            length = 0
        finally:
            timer.cancel()
        if len(head) < 8 or len(content) < length & ~FAILED:
            self.close()
            raise Unset("The process that sets papers ended too early: out of time or memory.")
        if length & FAILED:
            raise Unset(content.decode("utf-8", "replace"))
        return content

    def child(self) -> subprocess.Popen[bytes]:
        if self._child is None or self._set >= PAPERS:
            self.close()
            command = [sys.executable, "-I", str(CHILD)]
            self._child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            self._set = 0
        self._set += 1
        return self._child

    def close(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.communicate()


def clean(text: str) -> str:
    """Without halves of signs, which no document can hold."""
    return text.encode("utf-8", "replace").decode()


def pdf(template: str, values: Mapping[str, Any], at: datetime, images: Mapping[str, bytes] | None = None) -> bytes:
    """One paper. Raises Unset."""
    with Press() as press:
        return press.pdf(template, values, at, images)
