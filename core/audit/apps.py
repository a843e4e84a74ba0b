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
    audit_actions = {
        "accounts.signed_in": _("signed in"),
        "accounts.signed_out": _("signed out"),
        "accounts.sign_in_failed": _("failed to sign in"),
        "accounts.code_refused": _("gave a wrong code"),
        "accounts.recovery_code_used": _("used a recovery code"),
        "accounts.recovery_codes_renewed": _("renewed the recovery codes"),
        "accounts.second_factor_added": _("added a second factor"),
        "accounts.second_factor_removed": _("removed a second factor"),
        "accounts.signin_link_made": _("made a one-time sign-in link"),
        "accounts.signin_link_used": _("signed in by a one-time link"),
        "accounts.password_set": _("set a password"),
        "accounts.password_changed": _("changed the password"),
        "accounts.password_reset": _("reset the password by mail"),
        "accounts.email_changed": _("changed the e-mail address"),
        "audit.journal_read": _("read the audit trail"),
        "audit.journal_exported": _("exported the audit trail"),
        "audit.journal_verified": _("verified the audit trail"),
    }
    audit_details = {
        "kind": _("kind"),
        "filters": _("filters"),
        "events": _("events"),
        "format": _("format"),
        "sealed": _("sealed events"),
        "faults": _("faults"),
    }

    def ready(self) -> None:
        from core.audit import sign_in

        sign_in.connect()
