from rest_framework.routers import SimpleRouter

from core.jobs.api import views

router = SimpleRouter()
router.register("", views.JobViewSet, basename="job")

urlpatterns = router.urls
