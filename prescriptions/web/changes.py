"""What became of a line, in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from prescriptions import engine
from prescriptions.engine.comparison import Change, Comparison, Duplicate
from prescriptions.models import Reconciliation
from prescriptions.web.kinds import KINDS

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True)
class Look:
    """A word, an icon and a colour of the states."""

    word: _StrPromise
    icon: str
    look: str


LOOKS = {
    "stopped": Look(pgettext_lazy("what became of a medicine", "Stopped"), icon="ban", look="failed"),
    "switched": Look(pgettext_lazy("what became of a medicine", "Switched"), icon="switch-horizontal", look="warning"),
    "changed": Look(pgettext_lazy("what became of a medicine", "Changed"), icon="pencil", look="warning"),
    "added": Look(pgettext_lazy("what became of a medicine", "Added"), icon="plus", look="running"),
    "same": Look(pgettext_lazy("what became of a medicine", "Same"), icon="equal", look="done"),
}
BY = {"substance": _("same substance"), "class": _("same class: a hint, to be checked")}
DIRECTIONS = {"up": _("more each day"), "down": _("less each day")}


@dataclass(frozen=True)
class Shown:
    """A change ready for its row; `decision` and `comment` are what was chosen."""

    place: int
    change: Change
    look: Look
    by: _StrPromise | str
    direction: _StrPromise | str
    differences: list[tuple[Any, str, str]]
    decision: str = ""
    comment: str = ""

    @property
    def decided(self) -> str:
        """The decision in words."""
        return str(Reconciliation.Decision(self.decision).label) if self.decision else ""


def shown(changes: Sequence[Change], decisions: Sequence[tuple[str, str]] = ()) -> list[Shown]:
    """Rows in the order of the comparison."""
    rows = []
    for place, change in enumerate(changes):
        decision, comment = decisions[place] if place < len(decisions) else ("", "")
        fields = [(KINDS[one.field].word, one.before, one.after) for one in change.differences]
        rows.append(
            Shown(
                place,
                change,
                LOOKS[change.kind],
                BY.get(change.by, ""),
                DIRECTIONS.get(change.direction, ""),
                fields,
                decision,
                comment,
            )
        )
    return rows


def opened(kept: Reconciliation) -> tuple[Comparison, list[tuple[str, str]], str]:
    """(comparison, decisions, note) as they were kept."""
    content = kept.content
    found = Comparison(
        tuple(engine.decode(Change, one) for one in content.get("changes", ())),
        tuple(engine.decode(Duplicate, one) for one in content.get("duplicates", ())),
    )
    decisions = [(one["decision"], one.get("comment", "")) for one in content.get("decisions", ())]
    return found, decisions, content.get("note", "")
