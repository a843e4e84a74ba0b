"""What one may do in the data spaces, and which built-in role does it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.tool import Permission

OPEN = "datahub.open_spaces"
VIEW = "datahub.view_notebooks"
EDIT = "datahub.edit_notebooks"
RUN = "datahub.run_notebooks"

ALL = (
    Permission(OPEN, _("Open the data spaces and their catalogue"), whole_project=True),
    Permission(VIEW, _("Read notebooks and their results"), whole_project=True, health_data=True),
    Permission(EDIT, _("Write notebooks"), whole_project=True, health_data=True),
    Permission(RUN, _("Run notebooks on the project’s datasets"), whole_project=True, health_data=True),
)
DEFAULT_ROLES = {
    "controller": (OPEN, VIEW),
    "manager": (OPEN, VIEW, EDIT, RUN),
    "researcher": (OPEN, VIEW, EDIT, RUN),
    "monitor": (OPEN,),
    "administrator": (OPEN,),
}
