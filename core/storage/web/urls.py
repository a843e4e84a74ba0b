from django.urls import path

from core.storage.web import views

app_name = "storage"
urlpatterns = [
    path("instance/storage/", views.overview, name="overview"),
    path("instance/storage/move", views.move, name="move"),
    path("instance/storage/<uuid:pk>/", views.quota, name="quota"),
]
