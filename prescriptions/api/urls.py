from django.urls import path
from rest_framework.routers import SimpleRouter

from prescriptions.api import analyses, views

router = SimpleRouter()
router.register("documents", views.DocumentViewSet, basename="document")
router.register("lines", views.LineViewSet, basename="line")

urlpatterns = [
    path("structure/", views.StructureView.as_view(), name="structure"),
    path("analyses/", analyses.AnalysesView.as_view(), name="analysis-list"),
    path("analyses/<uuid:pk>/", analyses.AnalysisView.as_view(), name="analysis-detail"),
    path("export/", views.ExportView.as_view(), name="export"),
    *router.urls,
]
