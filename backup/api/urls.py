from rest_framework.routers import SimpleRouter

from backup.api import views

router = SimpleRouter()
router.register("repositories", views.RepositoryViewSet, basename="repository")
router.register("plans", views.PlanViewSet, basename="plan")
router.register("snapshots", views.SnapshotViewSet, basename="snapshot")
router.register("restores", views.RestoreViewSet, basename="restore")

urlpatterns = router.urls
