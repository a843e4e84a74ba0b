from django.utils.translation import gettext_lazy as _

from core.tool import Act, Page, Place, ToolConfig
from prescriptions import permissions, tour


class PrescriptionsConfig(ToolConfig):
    name = "prescriptions"
    label_ = _("Prescriptions")
    description = _("Turn the text of French prescriptions into lines: medicine, dose, frequency, duration")
    icon = "prescription"
    acts = (Act(_("New prescription"), icon="prescription", url="prescriptions:new", needs=permissions.WRITE),)
    pages = (
        Page(
            Place.INSTANCE,
            "medicines",
            _("Medicines reference"),
            icon="books",
            home="medicines:editions",
            order=55,
        ),
    )
    home = "prescriptions:home"
    tour = tour.TOUR
    needs = permissions.READ
    roles = permissions.DEFAULT_ROLES
    permissions = permissions.ALL
    dashboard = "prescriptions.web.dashboard.cards"
    search = "prescriptions.queries.search"
    demo = "prescriptions.demo.load"
    presence = {"prescriptions.review": "prescriptions.queries.may_look_at"}
    upkeep = ("prescriptions.services.batches.expire", "prescriptions.services.synthetic.tidy")
    uploads = ("prescriptions:receive", "prescriptions:new_case_set", "api:prescriptions:analysis-list")
    erased = (
        {"Clearance": "line__document__project"},
        {"Step": "document__project"},
        {"Line": "document__project", "Reconciliation": "project"},
        {"Item": "batch__project"},
        {"Batch": "project"},
        {"Document": "project"},
        {"Rules": "project"},
        {"RunCase": "run__case_set__project"},
        {"Run": "case_set__project"},
        {"SetCase": "case_set__project"},
        {"CaseSet": "project"},
        {"Part": "generation__project"},
        {"Generation": "project"},
    )
    audit_actions = {
        "prescriptions.text_structured": _("structured a text without keeping it"),
        "prescriptions.document_structured": _("structured a prescription"),
        "prescriptions.document_read": _("read a prescription"),
        "prescriptions.line_corrected": _("corrected a line of a prescription"),
        "prescriptions.line_validated": _("validated a line of a prescription"),
        "prescriptions.line_rejected": _("set a line of a prescription aside"),
        "prescriptions.line_reopened": _("took a line of a prescription up again"),
        "prescriptions.product_chosen": _("chose the product of a line of a prescription"),
        "prescriptions.opinions_asked": _("asked for a second opinion on unsure lines of a prescription"),
        "prescriptions.opinion_taken": _("took the second opinion on a line of a prescription"),
        "prescriptions.line_unread": _("marked a line of a prescription as illegible"),
        "prescriptions.line_split": _("split a line of a prescription"),
        "prescriptions.line_merged": _("merged two lines of a prescription"),
        "prescriptions.line_added": _("added a line to a prescription"),
        "prescriptions.step_undone": _("undid a step in the review of a prescription"),
        "prescriptions.step_redone": _("did a step in the review of a prescription again"),
        "prescriptions.gold_looked_at": _("looked at the lines that are held back from gold data"),
        "prescriptions.gold_asked": _("asked for gold data"),
        "prescriptions.gold_decided": _("decided whether a line becomes gold data"),
        "prescriptions.gold_published": _("published gold data"),
        "prescriptions.rules_set": _("said how prescriptions are reviewed"),
        "prescriptions.second_reading_begun": _("began a second reading of a prescription"),
        "prescriptions.reading_finished": _("finished a reading of a prescription"),
        "prescriptions.readings_adjudicated": _("settled what two readers read differently"),
        "prescriptions.files_received": _("had files of prescriptions read"),
        "prescriptions.files_dropped": _("dropped files of prescriptions"),
        "prescriptions.document_assigned": _("assigned a prescription"),
        "prescriptions.document_reviewed": _("finished the review of a prescription"),
        "prescriptions.document_reopened": _("reopened the review of a prescription"),
        "prescriptions.document_deleted": _("deleted a prescription"),
        "prescriptions.document_restored": _("brought a prescription back"),
        "prescriptions.export_asked": _("asked for an export of prescription lines"),
        "prescriptions.lines_exported": _("exported the validated lines"),
        "prescriptions.reference_asked": _("asked for a list of medicines to be loaded"),
        "prescriptions.documents_exported": _("exported prescriptions as a file"),
        "prescriptions.dataset_asked": _("asked for prescriptions as a dataset"),
        "prescriptions.dataset_exported": _("exported prescriptions as a dataset"),
        "prescriptions.plan_made": _("made the medicine plan of a prescription"),
        "prescriptions.documents_compared": _("compared two prescriptions"),
        "prescriptions.reconciliation_kept": _("kept a reconciliation"),
        "prescriptions.reconciliation_read": _("read a reconciliation"),
        "prescriptions.reference_loaded": _("loaded a list of medicines"),
        "prescriptions.reference_chosen": _("chose the list of medicines to read with"),
        "prescriptions.case_set_added": _("added a set of cases"),
        "prescriptions.case_set_read": _("read a set of cases"),
        "prescriptions.case_set_deleted": _("deleted a set of cases"),
        "prescriptions.run_asked": _("asked for a run over a set of cases"),
        "prescriptions.run_finished": _("ran a reader over a set of cases"),
        "prescriptions.run_read": _("read the results of a run"),
        "prescriptions.run_exported": _("exported the results of a run"),
        "prescriptions.generation_asked": _("asked for fictitious prescriptions"),
        "prescriptions.generation_finished": _("generated fictitious prescriptions"),
        "prescriptions.generation_downloaded": _("downloaded fictitious prescriptions"),
        "prescriptions.generation_deleted": _("deleted fictitious prescriptions"),
    }
    webhooks = (
        "prescriptions.document_structured",
        "prescriptions.document_reviewed",
        "prescriptions.document_deleted",
        "prescriptions.lines_exported",
        "prescriptions.reconciliation_kept",
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
        "products": _("products"),
        "digest": _("digest"),
        "rows": _("rows"),
        "files": _("files"),
        "step": _("step"),
        "act": _("act"),
        "to": _("to"),
        "double": _("two readers"),
        "opinions": _("second opinions on unsure lines"),
        "taken": _("believed"),
        "refused": _("not believed"),
        "unanswered": _("without an answer"),
        "leaves": _("it leaves"),
        "held": _("held back"),
        "differences": _("differences"),
        "second": _("settled by the second reading"),
        "format": _("format"),
        "documents": _("prescriptions"),
        "unreviewed": _("of them not reviewed"),
        "language": _("language"),
        "before": _("compared with the prescription"),
        "cases": _("cases"),
        "runs": _("runs"),
        "origin": _("origin"),
        "model": _("reader"),
        "seed": _("seed"),
        "passed": _("nothing found that tells of anybody"),
    }
