from django.urls import path
from rest_framework.routers import SimpleRouter

from ecrf.api import (
    attachments,
    coding,
    consents,
    definitions,
    double_entry,
    drafts,
    entries,
    exports,
    forms,
    intake,
    offline,
    page_rights,
    participants,
    printing,
    quality,
    queries,
    randomisation,
    subjects,
    verifications,
    visits,
)

router = SimpleRouter()
router.register("forms", forms.FormViewSet, basename="form")
router.register("drafts", drafts.DraftViewSet, basename="draft")
router.register("versions", forms.VersionViewSet, basename="version")
router.register("subjects", subjects.SubjectViewSet, basename="subject")
router.register("entries", entries.EntryViewSet, basename="entry")
router.register("schemes", randomisation.SchemeViewSet, basename="scheme")
router.register("allocations", randomisation.AllocationViewSet, basename="allocation")
router.register("queries", queries.QueryViewSet, basename="query")
router.register("verifications", verifications.VerificationViewSet, basename="verification")
router.register("verification-plans", verifications.VerificationPlanViewSet, basename="verification-plan")
router.register("quality-rules", quality.QualityRuleViewSet, basename="quality-rule")
router.register("quality-runs", quality.QualityRunViewSet, basename="quality-run")
router.register("quality-results", quality.QualityResultViewSet, basename="quality-result")
router.register("double-entry-plans", double_entry.DoubleEntryPlanViewSet, basename="double-entry-plan")
router.register("second-entries", double_entry.SecondEntryViewSet, basename="second-entry")
router.register("reconciliations", double_entry.ReconciliationViewSet, basename="reconciliation")
router.register("dictionaries", coding.DictionaryViewSet, basename="dictionary")
router.register("codes", coding.CodeViewSet, basename="code")
router.register("page-rights", page_rights.PageRuleViewSet, basename="page-right")
router.register("quality-exclusions", quality.QualityExclusionViewSet, basename="quality-exclusion")
router.register("data-imports", intake.DataImportViewSet, basename="data-import")
router.register("numbering-rules", intake.NumberingViewSet, basename="numbering-rule")
router.register("consents", consents.ConsentViewSet, basename="consent")
router.register("printouts", printing.PrintoutViewSet, basename="printout")
router.register("visits", visits.VisitViewSet, basename="visit")
router.register("targets", visits.TargetViewSet, basename="target")
router.register("questionnaires", participants.QuestionnaireViewSet, basename="questionnaire")
router.register("invitations", participants.InvitationViewSet, basename="invitation")
router.register("participants", participants.ParticipantViewSet, basename="participant")
router.register("attachments", attachments.AttachmentViewSet, basename="attachment")
router.register("devices", offline.DeviceViewSet, basename="device")
router.register("offline-fragments", offline.AsideViewSet, basename="offline-fragment")
router.register("exports", exports.ExportViewSet, basename="export")

urlpatterns = [
    path("definitions/convert/", definitions.ConvertView.as_view(), name="definition-convert"),
    path("definitions/check/", definitions.CheckView.as_view(), name="definition-check"),
    path("definitions/evaluate/", definitions.EvaluateView.as_view(), name="definition-evaluate"),
    path("reports/<slug:project>/<slug:name>/", visits.ReportView.as_view(), name="report"),
    *router.urls,
]
