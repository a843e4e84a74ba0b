from django.urls import path

from core.journal.web import views

app_name = "audit"
urlpatterns = [
    path("projects/<slug:project>/audit/", views.journal, name="journal"),
    path("projects/<slug:project>/audit/export/", views.export, name="export"),
    path("projects/<slug:project>/audit/verify/", views.verify, name="verify"),
    path("audit/", views.instance, name="instance"),
    path("audit/export/", views.export_instance, name="export_instance"),
    path("audit/verify/", views.verify_instance, name="verify_instance"),
]
