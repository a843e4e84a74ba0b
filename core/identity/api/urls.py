from rest_framework.routers import SimpleRouter

from core.identity.api import providers, views

SEGMENT = ""
"""Directly below /api/v1/."""
router = SimpleRouter()
router.register("directory", views.DirectoryViewSet, basename="directory")
router.register("identity-providers", providers.ProviderViewSet, basename="provider")

urlpatterns = router.urls
