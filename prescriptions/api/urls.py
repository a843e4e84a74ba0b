from django.urls import path
from rest_framework.routers import SimpleRouter

from prescriptions.api import analyses, evaluation, exchange, medicines, reconciliations, synthetic, views

router = SimpleRouter()
router.register("documents", views.DocumentViewSet, basename="document")
router.register("lines", views.LineViewSet, basename="line")
router.register("reconciliations", reconciliations.ReconciliationViewSet, basename="reconciliation")
router.register("case-sets", evaluation.CaseSetViewSet, basename="case-set")
router.register("synthetic", synthetic.GenerationViewSet, basename="synthetic")
router.register("runs", evaluation.RunViewSet, basename="run")

urlpatterns = [
    path("structure/", views.StructureView.as_view(), name="structure"),
    path("analyses/", analyses.AnalysesView.as_view(), name="analysis-list"),
    path("analyses/<uuid:pk>/", analyses.AnalysisView.as_view(), name="analysis-detail"),
    path("export/", views.ExportView.as_view(), name="export"),
    path("medicines/", medicines.MedicinesView.as_view(), name="medicines"),
    path("medicines/<str:cis>/", medicines.MedicineView.as_view(), name="medicine"),
    path("references/", medicines.ReferencesView.as_view(), name="references"),
    path("datasets/", exchange.DatasetView.as_view(), name="dataset"),
    *router.urls,
]
