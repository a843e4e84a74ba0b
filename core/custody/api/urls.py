from rest_framework.routers import SimpleRouter

from core.custody.api import views

SEGMENT = ""
"""Directly below /api/v1/."""

router = SimpleRouter()
router.register("keys", views.KeyViewSet, basename="key")

urlpatterns = router.urls
