"""What of a study is compared with the source documents: every value of chosen subjects, and critical values of all."""

from __future__ import annotations

import hashlib
from collections.abc import Collection

from ecrf.engine.definition import Definition


def drawn(subject: str, seed: str, percent: int) -> bool:
    """Whether a subject is in the random share: from its key and the plan's seed alone, so always the same."""
    digest = hashlib.sha256(f"{seed}:{subject}".encode()).digest()
    return int.from_bytes(digest[:8]) * 100 < percent << 64


def chosen(kind: str, *, subject: str, place: int, seed: str, first: int, percent: int) -> bool:
    """Whether everything of a subject is verified; `place` is the subject's number at its site, from 1."""
    if kind == "first":
        return place <= first
    if kind == "share":
        return drawn(subject, seed, percent)
    return kind == "all"


def verifiable(definition: Definition) -> dict[str, str]:
    """The keys under which people enter values, and the page of each: inputs, and the rows of a repeat as one."""
    found: dict[str, str] = {}
    for item in definition.items.values():
        repeat = item.group.spec.get("repeat")
        if repeat:
            found.setdefault(repeat["key"], item.page)
        elif item.is_input:
            found[item.key] = item.page
    return found


def due(entered: Collection[str], asked: Collection[str], critical: Collection[str], *, whole: bool) -> set[str]:
    """What of the entered keys is to be verified: all that a form asks, or the critical ones only."""
    wanted = set(asked) if whole else set(asked) & set(critical)
    return wanted & set(entered)
