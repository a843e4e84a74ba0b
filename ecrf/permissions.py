"""What one may do with forms and records, and which built-in role may."""

from django.utils.translation import gettext_lazy as _

from core.tool import Permission

READ = "ecrf.read_records"
SAVE = "ecrf.save_records"
LOCK = "ecrf.lock_records"
DESIGN = "ecrf.design_forms"
EXPORT = "ecrf.export_records"

ALL = (
    Permission(READ, _("Read the records"), health_data=True),
    Permission(SAVE, _("Include subjects and fill in their records"), health_data=True),
    Permission(LOCK, _("Lock and unlock records"), health_data=True),
    Permission(DESIGN, _("Import and publish forms"), whole_project=True),
    Permission(EXPORT, _("Export the records as a dataset"), whole_project=True, health_data=True),
)

DEFAULT_ROLES = {
    "controller": (READ, EXPORT),
    "manager": (READ, SAVE, LOCK, DESIGN, EXPORT),
    "clinician": (READ, SAVE),
    "monitor": (READ,),
}
