from rest_framework.routers import SimpleRouter

from core.datasets.api import views
from core.datasets.api.comparing import ComparisonViewSet
from core.datasets.api.joining import JoinViewSet

router = SimpleRouter(use_regex_path=False)
router.register("versions", views.VersionViewSet, basename="version")
router.register("comparisons", ComparisonViewSet, basename="comparison")
router.register("joins", JoinViewSet, basename="join")
router.register("", views.DatasetViewSet, basename="dataset")

urlpatterns = router.urls
