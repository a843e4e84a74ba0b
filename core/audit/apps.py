from django.utils.translation import gettext_lazy as _

from core.tool import Permission, RoomConfig


class AuditConfig(RoomConfig):
    name = "core.audit"
    label = "audit"
    permissions = (
        Permission("audit.read_journal", _("Read the audit trail"), whole_project=True),
        Permission("audit.verify_journal", _("Verify the audit trail"), whole_project=True),
    )
    roles = {
        "controller": ("audit.read_journal", "audit.verify_journal"),
        "monitor": ("audit.read_journal",),
        "administrator": ("audit.read_journal", "audit.verify_journal"),
    }
