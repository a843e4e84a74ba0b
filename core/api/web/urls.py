from django.urls import path

from core.api.web import reference, views

app_name = "tokens"
urlpatterns = [
    path("accounts/tokens/", views.listing, name="list"),
    path("accounts/tokens/new/", views.create, name="create"),
    path("accounts/tokens/<uuid:pk>/revoke/", views.revoke, name="revoke"),
    path("api/", reference.listing, name="reference"),
    path("api/operations/<slug:operation>/", reference.operation, name="operation"),
]
