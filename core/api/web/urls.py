from django.urls import path

from core.api.web import views

app_name = "tokens"
urlpatterns = [
    path("accounts/tokens/", views.listing, name="list"),
    path("accounts/tokens/new/", views.create, name="create"),
    path("accounts/tokens/<uuid:pk>/revoke/", views.revoke, name="revoke"),
]
