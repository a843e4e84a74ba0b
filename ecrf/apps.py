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
    erased = (
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
    )
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
        "ecrf.export_asked": _("asked for an export of records"),
        "ecrf.entries_exported": _("exported the records"),
    }
    webhooks = (
        "ecrf.version_published",
        "ecrf.subject_included",
        "ecrf.entry_saved",
        "ecrf.entry_locked",
        "ecrf.entry_unlocked",
        "ecrf.entries_exported",
    )
    audit_details = {
        "form": _("form"),
        "format": _("format"),
        "revision": _("revision"),
        "fields": _("fields"),
        "warnings": _("warnings"),
        "version": _("version"),
        "hash": _("digest"),
        "number": _("number"),
        "site": _("site"),
        "identifiers": _("with identifying fields"),
        "rows": _("rows"),
        "field": _("field"),
        "approval": _("approval needed"),
        "approved": _("approved by a second person"),
    }
