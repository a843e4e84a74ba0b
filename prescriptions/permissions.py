"""What one may do with prescriptions, which belong to a project as a whole, and which built-in role may."""

from django.utils.translation import gettext_lazy as _

from core.tool import Permission

READ = "prescriptions.read_documents"
WRITE = "prescriptions.write_documents"
EXPORT = "prescriptions.export_lines"
EVALUATE = "prescriptions.evaluate"

ALL = (
    Permission(READ, _("Read the prescriptions"), whole_project=True, health_data=True),
    Permission(WRITE, _("Structure and review prescriptions"), whole_project=True, health_data=True),
    Permission(EXPORT, _("Export the validated lines as a dataset"), whole_project=True, health_data=True),
    Permission(EVALUATE, _("Evaluate the readers on sets of cases"), whole_project=True, health_data=True),
)

DEFAULT_ROLES = {
    "controller": (READ,),
    "manager": (READ, WRITE, EXPORT, EVALUATE),
    "clinician": (READ, WRITE),
    "researcher": (READ, WRITE, EXPORT, EVALUATE),
}
