"""A line at the foot of the terminal that says how far it is."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import TextIO

from backup.cli import shown
from backup.cli.words import ngettext

_EVERY = 0.1
_RECENT = 0.3
"""How much of the speed shown is that of the last moments."""
_CELLS = 20
_USUAL = 80
_PARTS = " ▏▎▍▌▋▊▉█"
_BEGIN, _ERASE = "\r", "\x1b[K"


class Bar:
    def __init__(self, out: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._out, self._clock = out, clock
        self._drawn = 0.0
        self._shown = False
        self._seen: tuple[float, float] | None = None
        self._speed = 0.0

    def show(self, done: float, total: float, files: int = 0, place: str = "", *, unit: Callable[[float], str]) -> None:
        """Draw it, unless it was drawn a moment ago. `done` and `total` are in what `unit` puts into words."""
        now = self._clock()
        if now - self._drawn < _EVERY:
            return
        self._drawn = now
        self._measure(now, done)
        columns = _columns(self._out) - 1
        text = self._text(done, total, files, unit)
        room = columns - shown.width(text) - 2
        if place and room > 8:
            text += "  " + _fitting(place, room)
        self._out.write(_BEGIN + _cut(text, columns) + _ERASE)
        self._out.flush()
        self._shown = True

    def clear(self) -> None:
        """Take it away: something else is said, or all is done."""
        if self._shown:
            self._out.write(_BEGIN + _ERASE)
            self._out.flush()
            self._shown, self._drawn = False, 0.0

    def _measure(self, now: float, done: float) -> None:
        if self._seen is not None and now > self._seen[0]:
            speed = max(done - self._seen[1], 0) / (now - self._seen[0])
            self._speed += (speed - self._speed) * (_RECENT if self._speed else 1)
        self._seen = (now, done)

    def _text(self, done: float, total: float, files: int, unit: Callable[[float], str]) -> str:
        share = min(done / total, 1.0) if total else 0.0
        parts = [f"{_drawn(share)} {share:4.0%}"] if total else []
        parts.append(f"{unit(done)} / {unit(total)}" if total else unit(done))
        if self._speed:
            parts.append(f"{unit(self._speed)}/s")
        if total and self._speed and done < total:
            parts.append(shown.duration(round((total - done) / self._speed)))
        if files:
            parts.append(ngettext("{count} file", "{count} files", files))
        return "  ".join(parts)


def _columns(out: TextIO) -> int:
    said = os.environ.get("COLUMNS", "")
    if said.isdecimal() and int(said):
        return int(said)
    try:
        return os.get_terminal_size(out.fileno()).columns or _USUAL
    except OSError:
        return _USUAL


def _drawn(share: float) -> str:
    filled = share * _CELLS
    whole = int(filled)
    part = _PARTS[int((filled - whole) * (len(_PARTS) - 1))] if whole < _CELLS else ""
    return "▕" + ("█" * whole + part).ljust(_CELLS) + "▏"


def _fitting(place: str, room: int) -> str:
    """The end of a path, which tells most of it."""
    if shown.width(place) <= room:
        return place
    while place and shown.width(place) >= room:
        place = place[1:]
    return "…" + place


def _cut(text: str, room: int) -> str:
    while shown.width(text) > room:
        text = text[:-1]
    return text
