from django.urls import path

from core.desk.web import settings, views

app_name = "desk"
urlpatterns = [
    path("start/", settings.start, name="start"),
    path("settings/", settings.edit, name="settings"),
    path("settings/theme/", settings.theme, name="theme"),
    path("settings/density/", settings.density, name="density"),
    path("views/", views.save, name="save"),
    path("views/<uuid:pk>/", views.change, name="change"),
    path("views/<uuid:pk>/delete/", views.delete, name="delete"),
]
