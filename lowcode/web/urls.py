from django.urls import path

from lowcode.web import analyses, workbench

app_name = "lowcode"
SEGMENT = "analyses"
urlpatterns = [
    path("", analyses.listing, name="analyses"),
    path("new/", analyses.create, name="create"),
    path("<uuid:pk>/", workbench.workbench, name="analysis"),
    path("<uuid:pk>/duplicate/", analyses.duplicate, name="duplicate"),
    path("<uuid:pk>/delete/", analyses.delete, name="delete"),
    path("<uuid:pk>/restore/", analyses.restore, name="restore"),
    path("<uuid:pk>/publish/", analyses.publish, name="publish"),
]
