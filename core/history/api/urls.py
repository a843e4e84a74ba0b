from rest_framework.routers import SimpleRouter

from core.history.api import views

SEGMENT = "history"
router = SimpleRouter()
router.register("changes", views.ChangeViewSet, basename="change")

urlpatterns = router.urls
