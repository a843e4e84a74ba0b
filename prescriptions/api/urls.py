from django.urls import path
from rest_framework.routers import SimpleRouter

from prescriptions.api import medicines, views

router = SimpleRouter()
router.register("documents", views.DocumentViewSet, basename="document")
router.register("lines", views.LineViewSet, basename="line")

urlpatterns = [
    path("structure/", views.StructureView.as_view(), name="structure"),
    path("export/", views.ExportView.as_view(), name="export"),
    path("medicines/", medicines.MedicinesView.as_view(), name="medicines"),
    path("medicines/<str:cis>/", medicines.MedicineView.as_view(), name="medicine"),
    path("references/", medicines.ReferencesView.as_view(), name="references"),
    *router.urls,
]
