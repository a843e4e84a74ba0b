from django.utils.translation import gettext_lazy as _

from core.tool import Act, ToolConfig
from prescriptions import permissions, tour


class PrescriptionsConfig(ToolConfig):
    name = "prescriptions"
    label_ = _("Prescriptions")
    description = _("Turn the text of French prescriptions into lines: medicine, dose, frequency, duration")
    icon = "prescription"
    acts = (Act(_("New prescription"), icon="prescription", url="prescriptions:new", needs=permissions.WRITE),)
    home = "prescriptions:home"
    tour = tour.TOUR
    needs = permissions.READ
    roles = permissions.DEFAULT_ROLES
    permissions = permissions.ALL
    dashboard = "prescriptions.web.dashboard.cards"
    search = "prescriptions.queries.search"
    demo = "prescriptions.demo.load"
    erased = (
        {"Line": "document__project"},
        {"Document": "project"},
        {"RunCase": "run__case_set__project"},
        {"Run": "case_set__project"},
        {"SetCase": "case_set__project"},
        {"CaseSet": "project"},
    )
    audit_actions = {
        "prescriptions.text_structured": _("structured a text without keeping it"),
        "prescriptions.document_structured": _("structured a prescription"),
        "prescriptions.document_read": _("read a prescription"),
        "prescriptions.line_corrected": _("corrected a line of a prescription"),
        "prescriptions.line_validated": _("validated a line of a prescription"),
        "prescriptions.line_rejected": _("set a line of a prescription aside"),
        "prescriptions.line_reopened": _("took a line of a prescription up again"),
        "prescriptions.document_reviewed": _("finished the review of a prescription"),
        "prescriptions.document_reopened": _("reopened the review of a prescription"),
        "prescriptions.document_deleted": _("deleted a prescription"),
        "prescriptions.document_restored": _("brought a prescription back"),
        "prescriptions.export_asked": _("asked for an export of prescription lines"),
        "prescriptions.lines_exported": _("exported the validated lines"),
        "prescriptions.reference_loaded": _("loaded a list of medicines"),
        "prescriptions.case_set_added": _("added a set of cases"),
        "prescriptions.case_set_read": _("read a set of cases"),
        "prescriptions.case_set_deleted": _("deleted a set of cases"),
        "prescriptions.run_asked": _("asked for a run over a set of cases"),
        "prescriptions.run_finished": _("ran a reader over a set of cases"),
        "prescriptions.run_read": _("read the results of a run"),
        "prescriptions.run_exported": _("exported the results of a run"),
    }
    webhooks = (
        "prescriptions.document_structured",
        "prescriptions.document_reviewed",
        "prescriptions.document_deleted",
        "prescriptions.lines_exported",
    )
    audit_details = {
        "characters": _("characters"),
        "lines": _("lines"),
        "line": _("line"),
        "field": _("field"),
        "revision": _("revision"),
        "reference": _("list of medicines"),
        "edition": _("edition"),
        "names": _("names"),
        "digest": _("digest"),
        "rows": _("rows"),
        "cases": _("cases"),
        "runs": _("runs"),
        "origin": _("origin"),
        "model": _("reader"),
        "format": _("format"),
    }
