from rest_framework.routers import SimpleRouter

from core.journal.api import alerts, views

SEGMENT = "audit"

router = SimpleRouter()
router.register("events", views.EventViewSet, basename="event")
router.register("alerts", alerts.AlertViewSet, basename="alert")

urlpatterns = router.urls
