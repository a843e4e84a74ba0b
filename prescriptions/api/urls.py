from django.urls import path
from rest_framework.routers import SimpleRouter

from prescriptions.api import evaluation, views

router = SimpleRouter()
router.register("documents", views.DocumentViewSet, basename="document")
router.register("lines", views.LineViewSet, basename="line")
router.register("case-sets", evaluation.CaseSetViewSet, basename="case-set")
router.register("runs", evaluation.RunViewSet, basename="run")

urlpatterns = [
    path("structure/", views.StructureView.as_view(), name="structure"),
    path("export/", views.ExportView.as_view(), name="export"),
    *router.urls,
]
