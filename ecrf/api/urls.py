from rest_framework.routers import SimpleRouter

from ecrf.api import randomisation, views

router = SimpleRouter()
router.register("forms", views.FormViewSet, basename="form")
router.register("versions", views.VersionViewSet, basename="version")
router.register("subjects", views.SubjectViewSet, basename="subject")
router.register("entries", views.EntryViewSet, basename="entry")
router.register("schemes", randomisation.SchemeViewSet, basename="scheme")
router.register("allocations", randomisation.AllocationViewSet, basename="allocation")

urlpatterns = router.urls
