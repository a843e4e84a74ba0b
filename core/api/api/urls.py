from django.urls import path
from rest_framework.routers import SimpleRouter

from core.api.api.root import RootView
from core.api.api.schema import SchemaView
from core.api.api.views import TokenViewSet

SEGMENT = ""
router = SimpleRouter()
router.register("tokens", TokenViewSet, basename="token")

urlpatterns = [
    path("", RootView.as_view(), name="root"),
    path("schema/", SchemaView.as_view(), name="schema"),
    *router.urls,
]
