"""What the guided tour of the whole suite shows, on its first page."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.tool import Step

HOME = "portal:home"

TOUR = (
    Step(
        HOME,
        "needs",
        _("What needs you now"),
        _("Whatever waits for you in any tool or project stands here first. The list is empty when nothing does."),
    ),
    Step(
        HOME,
        "projects",
        _("Your projects"),
        _("Change from one project to another here, on every page. You see those you are a member of, and no others."),
    ),
    Step(
        HOME,
        "search",
        _("Go anywhere"),
        _("Press Ctrl K or this button and type a few letters: a project, a form, a dataset, something to begin."),
    ),
    Step(
        HOME,
        "bell",
        _("What you are told"),
        _("The bell counts what you haven’t read. A summary comes by mail, and never holds a patient’s data."),
    ),
    Step(
        HOME,
        "account",
        _("Your account"),
        _("Language, colours, notices, password and second factor: all that concerns you is behind your initials."),
    ),
    Step(
        HOME,
        "help",
        _("Help, whenever you need it"),
        _("The question mark, or the key “?”, opens the help of the page you are on. Tours can be taken again there."),
    ),
)
