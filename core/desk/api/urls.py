from django.urls import path
from rest_framework.routers import SimpleRouter

from core.desk.api.views import SettingsView, ViewViewSet

SEGMENT = ""
router = SimpleRouter()
router.register("views", ViewViewSet, basename="view")

urlpatterns = [path("settings/", SettingsView.as_view(), name="settings"), *router.urls]
