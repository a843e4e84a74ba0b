"""Names of columns for programs that take fewer signs, each once, and said where it is another."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator

from ecrf.engine.faults import Fault

OTHER = re.compile(r"[^A-Za-z0-9_]")


def names(
    wanted: Iterable[str], limit: int, losses: list[Fault], *, reserved: Container[str] = (), upper: bool = False
) -> Iterator[str]:
    """One name per wanted one: letters, digits and underscores, begun by a letter, told apart whatever their case."""
    seen: set[str] = set()
    for name in wanted:
        clean = OTHER.sub("_", name)
        clean = clean if clean[:1].isalpha() else f"v{clean}"
        clean = clean.upper() if upper else clean
        found, again = clean[:limit], 2
        while found.lower() in seen or found.lower() in reserved:
            tail = f"_{again}"
            found, again = clean[: limit - len(tail)] + tail, again + 1
        seen.add(found.lower())
        if found.lower() != name.lower().replace(".", "_"):
            losses.append(Fault(name, "column_renamed", {"name": found}))
        yield found
