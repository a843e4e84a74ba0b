"""Which part of a file a client asks for: a single range of bytes as RFC 9110 (14.1.2, 14.2, 13.1.5) writes it."""

from __future__ import annotations

import re

SINGLE = re.compile(r"bytes\s*=\s*(\d*)-(\d*)\s*", re.IGNORECASE)
MOST_DIGITS = 18


class Unsatisfiable(ValueError):
    """No byte of the file is in the range: 416."""


def part(header: str, size: int) -> range | None:
    """The bytes that ``Range`` asks for, of so many; None for all of them.

    ``bytes=5-`` is from the sixth byte on, ``bytes=-5`` the last five. Several ranges, other units and what can't be
    read are as if nothing had been asked for, which the standard allows. Raises Unsatisfiable.
    """
    found = SINGLE.fullmatch(header.strip())
    if found is None or max(map(len, found.groups())) > MOST_DIGITS:
        return None
    first, last = found.groups()
    if not first and not last:
        return None
    if not first:
        start, stop = max(0, size - int(last)), size
    else:
        start, stop = int(first), min(int(last) + 1, size) if last else size
        if last and int(last) < start:
            return None
    if start >= size or start >= stop:
        raise Unsatisfiable
    return range(start, stop)


def still_holds(header: str, etag: str) -> bool:
    """Whether ``If-Range`` lets the part be sent: nothing said, or exactly this strong tag; a date never is."""
    return not header.strip() or header.strip() == etag
