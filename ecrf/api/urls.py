from rest_framework.routers import SimpleRouter

from ecrf.api import drafts, views

router = SimpleRouter()
router.register("forms", views.FormViewSet, basename="form")
router.register("drafts", drafts.DraftViewSet, basename="draft")
router.register("versions", views.VersionViewSet, basename="version")
router.register("subjects", views.SubjectViewSet, basename="subject")
router.register("entries", views.EntryViewSet, basename="entry")

urlpatterns = router.urls
