from django.urls import path
from rest_framework.routers import SimpleRouter

from core.inbox.api.views import ChoicesView, NoticeViewSet

SEGMENT = "notices"
router = SimpleRouter()
router.register("", NoticeViewSet, basename="notice")

urlpatterns = [path("choices/", ChoicesView.as_view(), name="choices"), *router.urls]
