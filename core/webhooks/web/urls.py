from django.urls import path

from core.webhooks.web import views

SEGMENT = "webhooks"
app_name = "webhooks"
urlpatterns = [
    path("", views.listing, name="list"),
    path("new/", views.create, name="create"),
    path("<uuid:pk>/", views.endpoint, name="endpoint"),
    path("<uuid:pk>/change/", views.change, name="change"),
    path("<uuid:pk>/switch/", views.switch, name="switch"),
    path("<uuid:pk>/secret/", views.rotate, name="rotate"),
    path("<uuid:pk>/test/", views.test, name="test"),
    path("<uuid:pk>/replay/", views.replay_since, name="replay_since"),
    path("<uuid:pk>/delete/", views.delete, name="delete"),
    path("deliveries/<uuid:pk>/", views.delivery, name="delivery"),
    path("deliveries/<uuid:pk>/replay/", views.replay, name="replay"),
]
