from django.urls import path
from rest_framework.routers import SimpleRouter

from ecrf.api import (
    definitions,
    drafts,
    entries,
    exports,
    forms,
    quality,
    queries,
    randomisation,
    subjects,
    verifications,
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
router.register("quality-exclusions", quality.QualityExclusionViewSet, basename="quality-exclusion")
router.register("exports", exports.ExportViewSet, basename="export")

urlpatterns = [
    path("definitions/convert/", definitions.ConvertView.as_view(), name="definition-convert"),
    path("definitions/check/", definitions.CheckView.as_view(), name="definition-check"),
    path("definitions/evaluate/", definitions.EvaluateView.as_view(), name="definition-evaluate"),
    *router.urls,
]
