from rest_framework.routers import SimpleRouter

from core.erasure.api import views

SEGMENT = ""
"""Directly below /api/v1/."""

router = SimpleRouter()
router.register("erasures", views.ErasureViewSet, basename="erasure")

urlpatterns = router.urls
