"""A reconciliation on paper, in the language of now."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from core.web.templatetags.web import when
from prescriptions.engine import paper
from prescriptions.models import Reconciliation
from prescriptions.web.changes import Shown, opened, shown


def reconciliation_pdf(kept: Reconciliation) -> bytes:
    """Each line with what became of it, the decision and the comment; who decided, and when."""
    made, decisions, note = opened(kept)
    values = {
        "language": (get_language() or "fr")[:2],
        "title": str(kept),
        "facts": [
            [_("First prescription"), str(kept.before)],
            [_("Second prescription"), str(kept.after)],
            [_("Decided by"), f"{kept.author}, {when(kept.created_at)}"],
        ],
        "heads": [_("Medicine"), _("First prescription"), _("Second prescription"), _("Decision")],
        "rows": [_row(one) for one in shown(made.changes, decisions)],
        "duplicates": [f"{one.first} · {one.second}" for one in made.duplicates],
        "duplicates_title": _("Same substance or same class twice"),
        "note": note,
        "note_title": _("Note"),
        "patient": _("Name:"),
        "signature": _("Signature:"),
        "page": _("Page"),
    }
    return paper.pdf("reconciliation", values, int(kept.created_at.timestamp()))


def _row(one: Shown) -> dict[str, Any]:
    change = one.change
    colon = pgettext("between a field and its fault", ":")
    both = change.daily_before and change.daily_after and change.daily_before != change.daily_after
    return {
        "kind": str(one.look.word),
        "by": str(one.by),
        "name": change.name,
        "before": change.before,
        "after": change.after,
        "differences": [f"{word}{colon} {before or '–'} → {after or '–'}" for word, before, after in one.differences],
        "daily": f"{change.daily_before} → {change.daily_after}" if both else "",
        "direction": str(one.direction),
        "said": _("The second prescription says to stop it.") if change.said else "",
        "decision": one.decided,
        "comment": one.comment,
    }
