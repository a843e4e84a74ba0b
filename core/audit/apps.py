from django.utils.translation import gettext_lazy as _

from core.tool import Permission, RoomConfig


class AuditConfig(RoomConfig):
    name = "core.audit"
    label = "audit"
    metrics = ("core.audit.metrics.measures",)
    permissions = (
        Permission("audit.read_journal", _("Read the audit trail"), whole_project=True),
        Permission("audit.verify_journal", _("Verify the audit trail"), whole_project=True),
        Permission(
            "audit.answer_alerts", _("Answer alerts of unusual reading, and set their rules"), whole_project=True
        ),
    )
    roles = {
        "controller": ("audit.read_journal", "audit.verify_journal", "audit.answer_alerts"),
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
        "accounts.session_crowded_out": _("opened one session too many, which ended the oldest"),
        "accounts.sessions_ended": _("ended other sessions"),
        "accounts.session_expired": _("came back to a session that was over"),
        "accounts.password_set": _("set a password"),
        "accounts.password_changed": _("changed the password"),
        "accounts.password_reset": _("reset the password by mail"),
        "accounts.email_changed": _("changed the e-mail address"),
        "audit.journal_read": _("read the audit trail"),
        "audit.journal_exported": _("exported the audit trail"),
        "audit.journal_verified": _("verified the audit trail"),
        "audit.alert_raised": _("raised an alert of unusual reading"),
        "audit.alert_answered": _("answered an alert of unusual reading"),
        "audit.alerts_read": _("looked at the alerts of unusual reading"),
        "audit.rule_set": _("set a rule for alerts of unusual reading"),
        "audit.segment_archived": _("wrote a segment of the audit trail to its file"),
        "audit.segment_pruned": _("took a segment of the audit trail out of the database"),
        "audit.journal_fed": _("sent the audit trail to the syslog receiver"),
    }
    audit_details = {
        "kind": _("kind"),
        "filters": _("filters"),
        "events": _("events"),
        "format": _("format"),
        "sealed": _("sealed events"),
        "faults": _("faults"),
        "searched": _("searched"),
        "turned": _("turned pages"),
        "receiver": _("receiver"),
        "day": _("day"),
        "segment": _("segment"),
        "rule": _("rule"),
        "number": _("number"),
        "on": _("switched on"),
        "file": _("file"),
    }
    duties = {"core.audit.retention.hourly": 3600, "core.audit.anchors.keep": 300}
    health = ("core.audit.retention.health", "core.audit.anchors.health")

    def ready(self) -> None:
        from core.audit import sign_in

        sign_in.connect()
