from rest_framework.routers import SimpleRouter

from core.datasets.api import views

router = SimpleRouter(use_regex_path=False)
router.register("versions", views.VersionViewSet, basename="version")
router.register("", views.DatasetViewSet, basename="dataset")

urlpatterns = router.urls
