from django.urls import path

from core.accounts.web import views

app_name = "accounts"
urlpatterns = [path("accounts/link/<str:token>/", views.signin_link, name="signin_link")]
