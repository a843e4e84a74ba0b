from rest_framework.routers import SimpleRouter

from core.api.api.views import TokenViewSet

SEGMENT = ""
"""Directly below /api/v1/."""

router = SimpleRouter()
router.register("tokens", TokenViewSet, basename="token")

urlpatterns = router.urls
