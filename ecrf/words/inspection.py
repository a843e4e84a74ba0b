"""What is said of a form that is sound and probably not meant."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

INSPECTION = {
    "never_shown": _("This is never shown: “%(formula)s” can’t hold."),
    "page_never_shown": _("This page is never shown: “%(formula)s” can’t hold."),
    "never_holds": _("“%(formula)s” can’t hold."),
    "always_holds": _("“%(formula)s” always holds: leave it out, or correct it."),
    "check_never_holds": _("This check always complains: “%(formula)s” can’t hold."),
    "always_empty": _("This formula is always empty: %(formula)s"),
    "dead_branch": _("“%(way)s” is never reached, because of “%(formula)s”."),
    "dead_part": _("“%(formula)s” can’t hold: this part of the condition is useless."),
    "compared_with_itself": _("A field is compared with itself: %(formula)s"),
    "range_empty": _("No value of “%(name)s” is between its minimum and its maximum."),
    "asked_later": _("“%(name)s” is asked further down: the condition is unknown until then."),
    "reads_nothing": _("“%(name)s” never has a value."),
    "not_asked_together": _("“%(name)s” isn’t asked at the same events: write %(name)s@event, or previous(%(name)s)."),
    "not_asked_there": _("“%(name)s” isn’t asked at the event “%(event)s”."),
    "never_asked_before": _("“%(name)s” isn’t asked at any earlier event."),
    "page_never_asked": _("No event has the page “%(name)s”: it is never filled in."),
    "list_unused": _("No field uses the list “%(name)s”."),
}
