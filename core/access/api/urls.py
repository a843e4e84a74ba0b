from django.urls import path
from rest_framework.routers import SimpleRouter

from core.access.api import emergencies, places, views

SEGMENT = ""
"""Directly below /api/v1/."""

router = SimpleRouter()
router.register("projects", places.ProjectsViewSet, basename="project")
router.register("sites", places.SiteViewSet, basename="site")
router.register("organisations", places.OrganisationViewSet, basename="organisation")
router.register("roles", places.RoleViewSet, basename="role")
router.register("people", places.PeopleViewSet, basename="person")
router.register("members", views.MembershipViewSet, basename="member")
router.register("invitations", views.InvitationViewSet, basename="invitation")
router.register("delegations", views.DelegationViewSet, basename="delegation")
router.register("join-requests", views.JoinRequestViewSet, basename="join-request")
router.register("emergencies", emergencies.EmergencyViewSet, basename="emergency")

urlpatterns = [path("me/", views.MeView.as_view(), name="me"), *router.urls]
