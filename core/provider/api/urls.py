from rest_framework.routers import SimpleRouter

from core.provider.api import views

SEGMENT = ""
"""Directly below /api/v1/."""
router = SimpleRouter()
router.register("clients", views.ClientViewSet, basename="client")
router.register("signing-keys", views.KeyViewSet, basename="key")

urlpatterns = router.urls
