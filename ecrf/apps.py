from django.utils.translation import gettext_lazy as _

from core.tool import Act, ToolConfig
from ecrf import permissions, tour
from ecrf.words import acts as words


class EcrfConfig(ToolConfig):
    name = "ecrf"
    label_ = _("Case report forms")
    description = _("Include subjects, fill in their forms, follow what is missing")
    icon = "clipboard-text"
    acts = (
        Act(_("Include a subject"), icon="user-plus", url="ecrf:include", needs=permissions.SAVE),
        Act(_("Build a form"), icon="forms", url="ecrf:new_form", needs=permissions.DESIGN),
        Act(_("Import a form"), icon="file-import", url="ecrf:import", needs=permissions.DESIGN),
    )
    home = "ecrf:home"
    tour = tour.TOUR
    needs = permissions.READ
    roles = permissions.DEFAULT_ROLES
    permissions = permissions.ALL
    presence = {"ecrf.entry": "ecrf.queries.may_look_at", "ecrf.draft": "ecrf.queries.may_look_at_draft"}
    dashboard = "ecrf.web.dashboard.cards"
    search = "ecrf.queries.search"
    demo = "ecrf.demo.load"
    duties = {"ecrf.services.participants.duties.tick": 60}
    erased = (
        {"ImportedEntry": "data_import__project"},
        {"DataImport": "project", "NumberCount": "project", "NumberingRule": "project"},
        {"Consent": "subject__project", "Printout": "subject__project"},
        {
            "Guest": "questionnaire__form__project",
            "AccessLink": "invitation__subject__project",
            "Participant": "subject__project",
        },
        {"Invitation": "subject__project"},
        {"Questionnaire": "form__project"},
        {"OfflineFragment": "project", "OfflineRule": "project"},
        {"Checkout": "device__project"},
        {"OfflineDevice": "project"},
        {"Export": "form__project"},
        {"Signature": "entry__subject__project", "Lock": "project"},
        {"Unblinding": "allocation__scheme__project"},
        {"Allocation": "scheme__project"},
        {"Slot": "scheme__project"},
        {"Stratum": "scheme__project"},
        {"Scheme": "project"},
        {
            "QueryMessage": "query__entry__subject__project",
            "QualityResult": "run__form__project",
            "QualityExclusion": "entry__subject__project",
            "Verification": "entry__subject__project",
            "VerificationCount": "entry__subject__project",
            "VerificationPlan": "form__project",
            "QueryBatch": "project",
            "QueryPolicy": "project",
        },
        {"Query": "entry__subject__project", "QualityRun": "form__project"},
        {"QualityRuleVersion": "rule__form__project", "QualityRule": "form__project"},
        {"Visit": "subject__project", "Target": "project", "Following": "project"},
        {"Reconciliation": "entry__subject__project", "Coded": "entry__subject__project"},
        {"SecondEntry": "subject__project", "DoubleEntryPlan": "form__project", "PageRule": "form__project"},
        {"Verbatim": "project", "CodingPolicy": "project", "Term": "dictionary__project"},
        {"Dictionary": "project"},
        {"Fragment": "entry__subject__project"},
        {"Fragment": "entry__subject__project", "ScriptDraw": "subject__project"},
        {"Attachment": "subject__project", "ScriptCounter": "form__project", "ScriptVariable": "form__project"},
        {"Entry": "subject__project"},
        {"Subject": "project"},
        {"DraftReview": "project", "DesignRule": "project"},
        {"DraftComment": "draft__project", "DraftState": "draft__project"},
        {"Draft": "project"},
        {"FormVersion": "form__project", "Form": "project"},
    )
    uploads = (
        "ecrf:import",
        "ecrf:import_next",
        "api:ecrf:form-import",
        "api:ecrf:definition-convert",
        "api:ecrf:definition-check",
        "api:ecrf:definition-evaluate",
        "ecrf:upload_table",
        "api:ecrf:scheme-upload-table",
        "ecrf:query_upload",
        "api:ecrf:query-file",
        "ecrf:data_import_new",
        "api:ecrf:data-import-list",
        "ecrf:upload_attachment",
        "api:ecrf:attachment-list",
        "ecrf:dictionaries",
        "api:ecrf:dictionary-load",
        "ecrf:offline_sync",
        "ecrf:offline_take",
        "api:ecrf:device-sync",
    )
    upkeep = (
        "ecrf.services.attachments.sweep",
        "ecrf.services.following.tell_overdue",
        "ecrf.services.printing.forget_printouts",
        "ecrf.services.exports.expire",
        "ecrf.services.participants.duties.forget_visits",
    )
    notices = words.NOTICES
    audit_actions = words.ACTIONS
    webhooks = (
        "ecrf.version_published",
        "ecrf.subject_included",
        "ecrf.entry_saved",
        "ecrf.entry_locked",
        "ecrf.entry_unlocked",
        "ecrf.entry_removed",
        "ecrf.entry_restored",
        "ecrf.page_signed",
        "ecrf.entries_exported",
        "ecrf.subject_randomised",
        "ecrf.subject_unblinded",
        "ecrf.query_opened",
        "ecrf.query_answered",
        "ecrf.query_closed",
        "ecrf.quality_run_done",
        "ecrf.import_saved",
        "ecrf.import_undone",
        "ecrf.arm_set",
        "ecrf.consent_given",
        "ecrf.consent_withdrawn",
        "ecrf.export_made",
    )
    audit_details = words.DETAILS

    def ready(self) -> None:
        """Scripts of forms run in boxes of the core, whatever asks for them."""
        from ecrf.engine.goupile.run import prefer
        from ecrf.services.scripts import runner

        prefer(runner)
