from django.urls import path

from core.reviews.web import campaigns, lines

app_name = "reviews"
urlpatterns = [
    path("organisations/<slug:organisation>/reviews/", campaigns.of_organisation, name="of_organisation"),
    path("projects/<slug:project>/reviews/", campaigns.of_project, name="of_project"),
    path("reviews/", campaigns.listing, name="list"),
    path("reviews/new/", campaigns.create, name="create"),
    path("reviews/<uuid:pk>/", lines.campaign, name="campaign"),
    path("reviews/<uuid:pk>/confirm/", lines.confirm_selected, name="confirm_selected"),
    path("reviews/<uuid:pk>/close/", campaigns.close, name="close"),
    path("reviews/<uuid:pk>/evidence/", campaigns.make_evidence, name="make_evidence"),
    path("reviews/<uuid:pk>/evidence/<str:form>/", campaigns.evidence, name="evidence"),
    path("reviews/accesses/<uuid:pk>/confirm/", lines.confirm, name="confirm"),
    path("reviews/accesses/<uuid:pk>/revoke/", lines.revoke, name="revoke"),
]
