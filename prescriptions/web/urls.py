from django.urls import path

from prescriptions.web import documents, lines, medicines

app_name = "prescriptions"
SEGMENT = "prescriptions"

DOCUMENT = "<uuid:pk>/"
LINE = "lines/<uuid:pk>/"
urlpatterns = [
    path("", documents.listing, name="home"),
    path("new/", documents.new, name="new"),
    path("medicines/", medicines.search, name="medicines"),
    path("medicines/<str:cis>/", medicines.product, name="medicine"),
    path("deleted/", documents.deleted, name="deleted"),
    path("export/", documents.export, name="export"),
    path(DOCUMENT, documents.show, name="document"),
    path(f"{DOCUMENT}finish/", documents.finish, name="finish"),
    path(f"{DOCUMENT}reopen/", documents.reopen, name="reopen"),
    path(f"{DOCUMENT}delete/", documents.delete, name="delete"),
    path(f"{DOCUMENT}restore/", documents.restore, name="restore"),
    path(f"{LINE}correct/", lines.correct, name="correct"),
    path(f"{LINE}settle/", lines.settle, name="settle"),
]
