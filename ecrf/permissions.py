"""What one may do with forms and records, and which built-in role may."""

from django.utils.translation import gettext_lazy as _

from core.tool import Permission

READ = "ecrf.read_records"
SAVE = "ecrf.save_records"
LOCK = "ecrf.lock_records"
SIGN = "ecrf.sign_records"
REMOVE = "ecrf.remove_records"
FREEZE = "ecrf.freeze_records"
DESIGN = "ecrf.design_forms"
EXPORT = "ecrf.export_records"

ALL = (
    Permission(READ, _("Read the records"), health_data=True),
    Permission(SAVE, _("Include subjects and fill in their records"), health_data=True),
    Permission(LOCK, _("Lock and unlock records"), health_data=True),
    Permission(SIGN, _("Sign pages of records"), in_person=True, health_data=True),
    Permission(REMOVE, _("Remove and restore records"), health_data=True),
    Permission(FREEZE, _("Freeze and unfreeze the records of the study"), whole_project=True, health_data=True),
    Permission(DESIGN, _("Import and publish forms"), whole_project=True),
    Permission(EXPORT, _("Export the records as a dataset"), whole_project=True, health_data=True),
)

DEFAULT_ROLES = {
    "controller": (READ, EXPORT, FREEZE),
    "manager": (READ, SAVE, LOCK, SIGN, REMOVE, FREEZE, DESIGN, EXPORT),
    "clinician": (READ, SAVE, SIGN),
    "monitor": (READ,),
}
