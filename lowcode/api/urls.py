from django.urls import path
from rest_framework.routers import SimpleRouter

from lowcode.api import views

router = SimpleRouter()
router.register("analyses", views.AnalysisViewSet, basename="analysis")

urlpatterns = [
    path("query/", views.QueryView.as_view(), name="query"),
    path("schema/", views.SchemaView.as_view(), name="query-schema"),
    *router.urls,
]
