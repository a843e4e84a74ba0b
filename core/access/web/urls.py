from django.urls import path

from core.access.web import invitations, members, projects

app_name = "access"
urlpatterns = [
    path("projects/new/", projects.create, name="create_project"),
    path("projects/<slug:project>/", projects.overview, name="project"),
    path("projects/<slug:project>/members/", members.listing, name="members"),
    path("projects/<slug:project>/members/invite/", members.invite, name="invite"),
    path("projects/<slug:project>/members/<uuid:pk>/remove/", members.remove, name="remove"),
    path("projects/<slug:project>/invitations/<uuid:pk>/revoke/", members.revoke, name="revoke"),
    path("invitations/<str:secret>/", invitations.accept, name="accept"),
]
