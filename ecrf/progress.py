"""How far an entry or one of its pages is, as one of the states that every tool shows alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from ecrf.models.page_rights import EVERYTHING, PageRights

if TYPE_CHECKING:
    from ecrf.models import Entry


@dataclass(frozen=True)
class Progress:
    look: str
    """Named in core.web.states."""
    word: Any
    icon: str
    answered: int = 0
    shown: int = 0


EMPTY = Progress("waiting", _("Not begun"), icon="circle-dashed")
NOT_ASKED = Progress("waiting", _("Not asked"), icon="minus")
BEGUN = Progress("running", _("Begun"), icon="progress")
MISSING = Progress("warning", _("Incomplete"), icon="circle-half-2")
DOUBTFUL = Progress("warning", _("To check"), icon="alert-triangle")
COMPLETE = Progress("done", _("Complete"), icon="circle-check")
LOCKED = Progress("locked", _("Locked"), icon="lock")

LEGEND = (EMPTY, BEGUN, MISSING, DOUBTFUL, COMPLETE, LOCKED)


def of_page(page: dict[str, Any] | None) -> Progress:
    """From the counts of one page."""
    if not page:
        return EMPTY
    if not page["shown"]:
        return NOT_ASKED
    if page["warnings"] or page["errors"]:
        return counted(DOUBTFUL, page)
    if page["complete"]:
        return counted(COMPLETE, page)
    if not page["answered"]:
        return counted(EMPTY, page)
    return counted(MISSING if page["missing"] else BEGUN, page)


def counted(progress: Progress, page: dict[str, Any]) -> Progress:
    return Progress(progress.look, progress.word, progress.icon, page["answered"], page["shown"])


def of_entry(entry: Entry | None, rights: PageRights = EVERYTHING) -> Progress:
    """From the counts of all its pages that the reader sees."""
    if entry is None or not entry.revision:
        return EMPTY
    pages = [page for key, page in entry.pages.items() if rights.reads(key)]
    total = {name: sum(page[name] for page in pages) for name in ("shown", "answered", "missing")}
    done = entry.is_complete if rights.whole else all(page["complete"] for page in pages if page["shown"])
    counts = {**total, "warnings": 0, "errors": 0, "complete": done}
    if entry.locked_at:
        return counted(LOCKED, counts)
    counts["warnings"] = sum(page["warnings"] + page["errors"] for page in pages)
    return of_page(counts)


def of_entries(entries: Sequence[Entry], rights: PageRights = EVERYTHING) -> Progress:
    """From several entries: what the least finished of them is, unless none is begun."""
    if not entries:
        return EMPTY
    found = [of_entry(entry, rights) for entry in entries]
    for state in (DOUBTFUL, MISSING, BEGUN):
        if any(one.word == state.word for one in found):
            return Progress(state.look, state.word, state.icon, *totals(found))
    return Progress(found[0].look, found[0].word, found[0].icon, *totals(found))


def totals(found: Sequence[Progress]) -> tuple[int, int]:
    return sum(one.answered for one in found), sum(one.shown for one in found)


def of_page_in(entry: Entry | None, key: str) -> Progress:
    if entry is not None and entry.locked_at:
        return LOCKED
    return of_page(entry.pages.get(key) if entry else None)
