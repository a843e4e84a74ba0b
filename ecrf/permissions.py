"""What one may do with forms and records, and which built-in role may."""

from django.utils.translation import gettext_lazy as _

from core.tool import Permission

READ = "ecrf.read_records"
SAVE = "ecrf.save_records"
LOCK = "ecrf.lock_records"
DESIGN = "ecrf.design_forms"
EXPORT = "ecrf.export_records"
OPEN = "ecrf.open_queries"
ANSWER = "ecrf.answer_queries"
CLOSE = "ecrf.close_queries"
ASSIGN = "ecrf.assign_queries"
VERIFY = "ecrf.verify_source"
QUALITY = "ecrf.check_quality"

ALL = (
    Permission(READ, _("Read the records"), health_data=True),
    Permission(SAVE, _("Include subjects and fill in their records"), health_data=True),
    Permission(LOCK, _("Lock and unlock records"), health_data=True),
    Permission(DESIGN, _("Import and publish forms"), whole_project=True),
    Permission(EXPORT, _("Export the records as a dataset"), whole_project=True, health_data=True),
    Permission(OPEN, _("Open queries on records"), health_data=True, kept_in_archive=False),
    Permission(ANSWER, _("Answer queries"), health_data=True),
    Permission(CLOSE, _("Close queries"), health_data=True),
    Permission(ASSIGN, _("Assign queries"), health_data=True),
    Permission(VERIFY, _("Verify records against the source"), health_data=True, kept_in_archive=False),
    Permission(QUALITY, _("Run quality rules over all records"), whole_project=True, health_data=True),
)

DEFAULT_ROLES = {
    "controller": (READ, EXPORT),
    "manager": (READ, SAVE, LOCK, DESIGN, EXPORT, OPEN, ANSWER, CLOSE, ASSIGN, VERIFY, QUALITY),
    "clinician": (READ, SAVE, ANSWER),
    "monitor": (READ, OPEN, CLOSE, VERIFY, QUALITY),
}
