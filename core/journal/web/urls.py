from django.urls import path

from core.journal.web import alerts, keeping, views

app_name = "audit"
urlpatterns = [
    path("projects/<slug:project>/audit/", views.journal, name="journal"),
    path("projects/<slug:project>/audit/export/", views.export, name="export"),
    path("projects/<slug:project>/audit/verify/", views.verify, name="verify"),
    path("projects/<slug:project>/audit/people/<uuid:person>/", views.person, name="person"),
    path("projects/<slug:project>/audit/things/<str:kind>/<str:key>/", views.thing, name="thing"),
    path("projects/<slug:project>/audit/anchors/", keeping.anchors, name="anchors"),
    path("projects/<slug:project>/audit/alerts/", alerts.listing, name="alerts"),
    path("projects/<slug:project>/audit/alerts/rules/", alerts.rules, name="rules"),
    path("projects/<slug:project>/audit/alerts/<uuid:pk>/", alerts.alert, name="alert"),
    path("audit/anchors/", keeping.anchors_of_instance, name="anchors_of_instance"),
    path("audit/retention/", keeping.retention, name="retention"),
    path("audit/retention/archive/", keeping.archive, name="archive"),
    path("audit/", views.instance, name="instance"),
    path("audit/mine/", views.mine, name="mine"),
    path("audit/export/", views.export_instance, name="export_instance"),
    path("audit/verify/", views.verify_instance, name="verify_instance"),
    path("audit/people/<uuid:person>/", views.person_of_instance, name="person_of_instance"),
]
