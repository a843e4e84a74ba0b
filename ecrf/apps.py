from django.utils.translation import gettext_lazy as _

from core.tool import Act, ToolConfig
from ecrf import permissions, tour


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
    upkeep = ("ecrf.services.participants.duties.forget_visits",)
    erased = (
        {
            "Guest": "questionnaire__form__project",
            "AccessLink": "invitation__subject__project",
            "Participant": "subject__project",
        },
        {"Invitation": "subject__project"},
        {"Questionnaire": "form__project"},
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
            "VerificationPlan": "form__project",
            "QueryBatch": "project",
            "QueryPolicy": "project",
        },
        {"Query": "entry__subject__project", "QualityRun": "form__project"},
        {"QualityRuleVersion": "rule__form__project", "QualityRule": "form__project"},
        {"Fragment": "entry__subject__project"},
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
    )
    notices = {
        "ecrf.places_run_out": _("Few places are left in a list of “%(scheme)s”: make it longer."),
        "ecrf.places_used_up": _("A list of “%(scheme)s” is used up: some subjects can’t be randomised."),
        "ecrf.subject_unblinded": _("A subject of “%(scheme)s” was unblinded."),
    }
    audit_actions = {
        "ecrf.dictionary_read": _("uploaded a form"),
        "ecrf.form_downloaded": _("downloaded a form"),
        "ecrf.draft_begun": _("began a draft of a form"),
        "ecrf.draft_saved": _("worked on a draft of a form"),
        "ecrf.draft_renamed": _("renamed a draft of a form"),
        "ecrf.draft_asked": _("asked for the review of a form"),
        "ecrf.draft_approved": _("approved a draft of a form"),
        "ecrf.draft_commented": _("commented on a question of a draft"),
        "ecrf.thread_resolved": _("resolved a comment on a draft"),
        "ecrf.thread_reopened": _("opened a comment on a draft again"),
        "ecrf.design_rule_set": _("set how forms are published"),
        "ecrf.draft_discarded": _("discarded a draft of a form"),
        "ecrf.version_published": _("published a version of a form"),
        "ecrf.subject_included": _("included a subject"),
        "ecrf.entry_read": _("read a record"),
        "ecrf.history_read": _("read the history of a record"),
        "ecrf.entry_saved": _("saved a record"),
        "ecrf.entry_locked": _("locked a record"),
        "ecrf.entry_unlocked": _("unlocked a record"),
        "ecrf.entry_removed": _("removed a record"),
        "ecrf.entry_restored": _("restored a record"),
        "ecrf.locked": _("locked a part of the records"),
        "ecrf.unlocked": _("unlocked a part of the records"),
        "ecrf.page_signed": _("signed a page of a record"),
        "ecrf.signature_withdrawn": _("took a signature back"),
        "ecrf.export_asked": _("asked for an export of records"),
        "ecrf.entries_exported": _("exported the records"),
        "ecrf.scheme_made": _("made a randomisation scheme"),
        "ecrf.scheme_discarded": _("discarded a randomisation scheme"),
        "ecrf.scheme_opened": _("opened a randomisation"),
        "ecrf.scheme_closed": _("closed a randomisation"),
        "ecrf.scheme_reopened": _("opened a randomisation again"),
        "ecrf.table_made": _("had an allocation table drawn"),
        "ecrf.table_uploaded": _("uploaded an allocation table"),
        "ecrf.table_extended": _("made an allocation table longer"),
        "ecrf.table_read": _("read an allocation table"),
        "ecrf.subject_randomised": _("randomised a subject"),
        "ecrf.arm_read": _("read the arm of a subject"),
        "ecrf.subject_unblinded": _("unblinded a subject"),
        "ecrf.query_opened": _("opened a query"),
        "ecrf.query_assigned": _("assigned a query"),
        "ecrf.query_answered": _("answered a query"),
        "ecrf.query_resolved": _("marked a query as resolved"),
        "ecrf.query_reopened": _("opened a query again"),
        "ecrf.query_closed": _("closed a query"),
        "ecrf.query_cancelled": _("cancelled a query"),
        "ecrf.query_commented": _("commented on a query"),
        "ecrf.query_read": _("read a query"),
        "ecrf.queries_exported": _("exported the list of queries"),
        "ecrf.queries_file_read": _("uploaded a file of queries"),
        "ecrf.queries_file_discarded": _("discarded a file of queries"),
        "ecrf.query_policy_changed": _("changed the rules for queries"),
        "ecrf.source_verified": _("verified values against the source"),
        "ecrf.verification_withdrawn": _("withdrew a verification"),
        "ecrf.verification_planned": _("changed the plan of verification"),
        "ecrf.quality_rule_saved": _("saved a quality rule"),
        "ecrf.quality_rule_retired": _("retired a quality rule"),
        "ecrf.quality_run_asked": _("asked for a run of quality rules"),
        "ecrf.quality_run_done": _("ran quality rules over the records"),
        "ecrf.quality_record_checked": _("ran quality rules on a record"),
        "ecrf.quality_results_exported": _("exported the findings of quality rules"),
        "ecrf.finding_put_aside": _("put a finding aside"),
        "ecrf.finding_taken_back": _("took a finding back"),
        "ecrf.questionnaire_saved": _("saved a questionnaire for participants"),
        "ecrf.questionnaire_closed": _("closed a questionnaire for participants"),
        "ecrf.public_link_made": _("opened a questionnaire to anybody"),
        "ecrf.public_link_closed": _("closed the public link of a questionnaire"),
        "ecrf.participant_invited": _("invited a participant"),
        "ecrf.invitation_mailed": _("mailed an invitation"),
        "ecrf.invitation_resent": _("had an invitation sent again"),
        "ecrf.invitation_revoked": _("withdrew an invitation"),
        "ecrf.link_copied": _("took the link of an invitation"),
        "ecrf.contact_read": _("read the contact of a participant"),
        "ecrf.contact_changed": _("changed the contact of a participant"),
        "ecrf.contact_erased": _("erased the contact of a participant"),
        "ecrf.contact_refused": _("learned that an address takes no mail"),
        "ecrf.contact_unsubscribed": _("noted that a participant wants no mails"),
        "ecrf.participant_entered": _("let a participant in"),
        "ecrf.participant_refused": _("turned away who had no right code"),
        "ecrf.participant_answered": _("received a participant’s answers"),
        "ecrf.tablet_handed_over": _("handed a tablet to a participant"),
        "ecrf.tablet_given_back": _("took a tablet back from a participant"),
        "ecrf.tablet_pin_failed": _("lost the session on a tablet to wrong PINs"),
    }
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
    )
    audit_details = {
        "form": _("form"),
        "format": _("format"),
        "revision": _("revision"),
        "fields": _("fields"),
        "field": _("field"),
        "notes": _("notes"),
        "event": _("event"),
        "page": _("page"),
        "level": _("level"),
        "warnings": _("warnings"),
        "version": _("version"),
        "hash": _("digest"),
        "number": _("number"),
        "site": _("site"),
        "identifiers": _("with identifying fields"),
        "rows": _("rows"),
        "scheme": _("randomisation"),
        "method": _("method"),
        "places": _("places"),
        "source": _("file"),
        "unblinding": _("kind of unblinding"),
        "item": _("field"),
        "kind": _("kind"),
        "check": _("check"),
        "state": _("state"),
        "corrected": _("with a correction"),
        "assigned": _("assigned to"),
        "rule": _("rule"),
        "rules": _("rules"),
        "found": _("found"),
        "records": _("records"),
        "subjects": _("subjects"),
        "approval": _("approval needed"),
        "approved": _("approved by a second person"),
        "questionnaire": _("questionnaire"),
        "count": _("mails"),
    }

    def ready(self) -> None:
        """Scripts of forms run in boxes of the core, whatever asks for them."""
        from ecrf.engine.goupile.run import prefer
        from ecrf.services.scripts import runner

        prefer(runner)
