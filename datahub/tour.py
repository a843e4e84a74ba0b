"""What the guided tour of the data spaces shows."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.tool import Step
from datahub.permissions import VIEW

TOUR = (
    Step(
        "datahub:home",
        "tabs",
        _("Catalogue and notebooks"),
        _("The catalogue lists the project’s datasets; notebooks compute on them."),
    ),
    Step(
        "datahub:home",
        "list-search",
        _("Find a dataset"),
        _("By its name or what it is about. Its page says where it comes from, its columns and who may read them."),
    ),
    Step(
        "datahub:notebooks",
        "datahub-new",
        _("A notebook in a closed box"),
        _("You choose the datasets that it reads. It runs without a network, so that nothing can leave."),
        needs=VIEW,
    ),
    Step(
        "datahub:notebooks",
        "list-views",
        _("Your views of a list"),
        _("Search, filter and sort, then keep what is shown under a name; it may be shared with the project."),
        needs=VIEW,
    ),
    Step(
        "datahub:notebooks",
        "help",
        _("When a cell stops"),
        _("It went over its memory or its time. The help says what to do about it."),
        needs=VIEW,
    ),
)
