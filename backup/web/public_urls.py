from django.urls import path

from backup.web import sealed

app_name = "sealed"
urlpatterns = [
    path("sealed/<slug:link>/", sealed.receive, name="receive"),
    path("sealed/to/<slug:link>/", sealed.drop, name="drop"),
]
