"""What the guided tour of the analyses shows."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.tool import Step
from lowcode import permissions

TOUR = (
    Step(
        "lowcode:analyses",
        "list-search",
        _("The analyses of the project"),
        _("Every analysis that somebody of the project has made, by its name. Open one to see its result."),
    ),
    Step(
        "lowcode:analyses",
        "list-views",
        _("Your views of a list"),
        _("Search, filter and sort, then keep what is shown under a name; it may be shared with the project."),
    ),
    Step(
        "lowcode:analyses",
        "lowcode-new",
        _("A new analysis"),
        _("You begin with a dataset and a question. Nothing in the dataset is ever changed."),
    ),
    Step(
        "lowcode:create",
        "lowcode-dataset",
        _("Choose what to count"),
        _("In the workbench that opens you click on columns to filter, group and compute; the table and chart follow."),
        needs=permissions.EDIT,
    ),
    Step(
        "lowcode:analyses",
        "help",
        _("Why a count may be hidden"),
        _("Small counts could point to a patient: they are masked. The help says when, and how to keep a result."),
    ),
)
