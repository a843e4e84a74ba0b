from rest_framework.routers import SimpleRouter

from core.journal.api import views

SEGMENT = "audit"

router = SimpleRouter()
router.register("events", views.EventViewSet, basename="event")

urlpatterns = router.urls
