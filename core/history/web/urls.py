from django.urls import path

from core.history.web import views

app_name = "history"
urlpatterns = [path("history/<str:kind>/<str:key>/", views.thing, name="thing")]
