"""What one may do with analyses, and which built-in role does it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.tool import Permission

VIEW = "lowcode.view_analyses"
RUN = "lowcode.run_analyses"
EDIT = "lowcode.edit_analyses"

ALL = (
    Permission(VIEW, _("See analyses and their results; small counts stay hidden"), whole_project=True),
    Permission(RUN, _("Run analyses on the project’s datasets"), whole_project=True, health_data=True),
    Permission(EDIT, _("Make and change analyses"), whole_project=True),
)
DEFAULT_ROLES = {
    "controller": (VIEW,),
    "manager": (VIEW, RUN, EDIT),
    "clinician": (VIEW,),
    "researcher": (VIEW, RUN, EDIT),
    "monitor": (VIEW,),
    "administrator": (VIEW,),
}
