"""What the guided tour of the case report forms shows."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.tool import Step

TOUR = (
    Step(
        "ecrf:home",
        "tools",
        _("The tools of the project"),
        _("This bar leads to every tool and page that your roles open. The one you are in is underlined."),
    ),
    Step(
        "ecrf:home",
        "ecrf-include",
        _("Include a subject"),
        _("You choose the centre; the subject gets the next number there. Nobody’s name is written down."),
    ),
    Step(
        "ecrf:home",
        "ecrf-legend",
        _("One row a subject, one column a form"),
        _("Each sign says how far a form is: empty, begun, complete, to check, locked. Open one by its sign."),
    ),
    Step(
        "ecrf:home",
        "list-search",
        _("Find a subject"),
        _("Type a number or a part of it: the list follows while you type, and the address of the page keeps it."),
    ),
    Step(
        "ecrf:forms",
        "tabs",
        _("The forms of the study"),
        _("The library holds each form with its versions. A version that is published changes no more."),
    ),
    Step(
        "ecrf:forms",
        "ecrf-import",
        _("Bring a form in"),
        _("A REDCap data dictionary is read whole, shown to you with every fault, and published only when you say so."),
    ),
    Step(
        "ecrf:forms",
        "help",
        _("Help, whenever you need it"),
        _("The question mark, or the key “?”, opens the help of the page you are on. Tours can be taken again there."),
    ),
)
