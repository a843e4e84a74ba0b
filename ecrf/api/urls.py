from django.urls import path
from rest_framework.routers import SimpleRouter

from ecrf.api import definitions, drafts, views

router = SimpleRouter()
router.register("forms", views.FormViewSet, basename="form")
router.register("drafts", drafts.DraftViewSet, basename="draft")
router.register("versions", views.VersionViewSet, basename="version")
router.register("subjects", views.SubjectViewSet, basename="subject")
router.register("entries", views.EntryViewSet, basename="entry")

urlpatterns = [
    path("definitions/convert/", definitions.ConvertView.as_view(), name="definition-convert"),
    path("definitions/check/", definitions.CheckView.as_view(), name="definition-check"),
    path("definitions/evaluate/", definitions.EvaluateView.as_view(), name="definition-evaluate"),
    *router.urls,
]
