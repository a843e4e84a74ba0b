"""What one may do with prescriptions, which belong to a project as a whole, and which built-in role may."""

from django.utils.translation import gettext_lazy as _

from core.tool import Permission

READ = "prescriptions.read_documents"
WRITE = "prescriptions.write_documents"
EXPORT = "prescriptions.export_lines"
ADJUDICATE = "prescriptions.adjudicate_readings"
MANAGE = "prescriptions.manage_reviews"
EVALUATE = "prescriptions.evaluate"
GOLD = "prescriptions.export_gold"
GENERATE = "prescriptions.generate"

ALL = (
    Permission(READ, _("Read the prescriptions"), whole_project=True, health_data=True),
    Permission(WRITE, _("Structure and review prescriptions"), whole_project=True, health_data=True),
    Permission(EXPORT, _("Export prescriptions and their validated lines"), whole_project=True, health_data=True),
    Permission(
        ADJUDICATE,
        _("Settle what two readers read differently"),
        whole_project=True,
        health_data=True,
    ),
    Permission(GOLD, _("Publish reviewed lines as gold data"), whole_project=True, health_data=True),
    Permission(MANAGE, _("Say how prescriptions are reviewed"), whole_project=True),
    Permission(EVALUATE, _("Evaluate the readers on sets of cases"), whole_project=True, health_data=True),
    Permission(GENERATE, _("Generate fictitious prescriptions"), whole_project=True),
)

DEFAULT_ROLES = {
    "controller": (READ,),
    "manager": (READ, WRITE, EXPORT, ADJUDICATE, MANAGE, EVALUATE, GOLD, GENERATE),
    "clinician": (READ, WRITE),
    "researcher": (READ, WRITE, EXPORT, ADJUDICATE, EVALUATE, GENERATE),
}
