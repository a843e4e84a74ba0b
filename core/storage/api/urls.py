from rest_framework.routers import SimpleRouter

from core.storage.api import views

router = SimpleRouter()
router.register("spaces", views.SpaceViewSet, basename="space")

urlpatterns = router.urls
