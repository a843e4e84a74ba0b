from django.urls import path

from core.help.web import views

app_name = "help"
urlpatterns = [
    path("help/", views.show, name="show"),
    path("help/tours/<slug:app>/", views.tour, name="tour"),
    path("help/tours/<slug:app>/seen/", views.tour_seen, name="tour_seen"),
]
