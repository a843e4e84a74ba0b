from django.urls import path

from core.accounts.web.sessions import session
from core.portal.web import guide, views

app_name = "portal"
urlpatterns = [
    path("", views.home, name="home"),
    path("search/", views.search, name="search"),
    path("search/places/", views.places, name="places"),
    path("session/", session, name="session"),
    path("language/", views.language, name="language"),
    path("style-guide/", guide.style_guide, name="style_guide"),
]
