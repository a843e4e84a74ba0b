from django.urls import path
from rest_framework.routers import SimpleRouter

from core.access.api import views

SEGMENT = ""
"""Directly below /api/v1/."""

SEGMENT = ""
router = SimpleRouter()
router.register("projects", views.ProjectsViewSet, basename="project")
router.register("members", views.MembershipViewSet, basename="member")
router.register("invitations", views.InvitationViewSet, basename="invitation")

urlpatterns = [path("me/", views.MeView.as_view(), name="me"), *router.urls]
