"""What the guided tour of the prescriptions shows."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.tool import Step
from prescriptions import permissions

TOUR = (
    Step(
        "prescriptions:home",
        "list-search",
        _("The prescriptions of the project"),
        _("Each text that was structured, with how far its review is."),
    ),
    Step(
        "prescriptions:home",
        "prescriptions-new",
        _("Begin with a text"),
        _("Paste one prescription. Take the patient’s name out first."),
    ),
    Step(
        "prescriptions:new",
        "prescriptions-examples",
        _("Try it without a risk"),
        _("These prescriptions are fictitious: one click fills in the text."),
        needs=permissions.WRITE,
    ),
    Step(
        "prescriptions:new",
        "prescriptions-text",
        _("From text to lines"),
        _("Medicine, dose, frequency and duration are proposed line by line. You correct them, then validate."),
        needs=permissions.WRITE,
    ),
    Step(
        "prescriptions:new",
        "help",
        _("It proposes, you decide"),
        _("Only lines that somebody has validated are exported. The help tells how to read, correct and export."),
        needs=permissions.WRITE,
    ),
)
