from django.urls import path
from rest_framework.routers import SimpleRouter

from prescriptions.api import views

router = SimpleRouter()
router.register("documents", views.DocumentViewSet, basename="document")
router.register("lines", views.LineViewSet, basename="line")

urlpatterns = [
    path("structure/", views.StructureView.as_view(), name="structure"),
    path("export/", views.ExportView.as_view(), name="export"),
    *router.urls,
]
