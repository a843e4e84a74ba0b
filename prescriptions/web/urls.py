from django.urls import path

from prescriptions.web import documents, exchange, lines, reconciliations, schedule

app_name = "prescriptions"
SEGMENT = "prescriptions"

DOCUMENT = "<uuid:pk>/"
LINE = "lines/<uuid:pk>/"
RECONCILIATION = "reconciliations/<uuid:pk>"
urlpatterns = [
    path("", documents.listing, name="home"),
    path("new/", documents.new, name="new"),
    path("deleted/", documents.deleted, name="deleted"),
    path("export/", documents.export, name="export"),
    path("files/", exchange.export, name="files"),
    path("reconciliations/", reconciliations.listing, name="reconciliations"),
    path("reconciliations/compare/", reconciliations.compare, name="compare"),
    path(f"{RECONCILIATION}/", reconciliations.show, name="reconciliation"),
    path(f"{RECONCILIATION}.pdf", reconciliations.paper, name="reconciliation_pdf"),
    path(f"{DOCUMENT}files/<slug:form>/", exchange.one, name="file"),
    path(f"{DOCUMENT}plan/", schedule.show, name="plan"),
    path(f"{DOCUMENT}plan.pdf", schedule.paper, name="plan_pdf"),
    path(DOCUMENT, documents.show, name="document"),
    path(f"{DOCUMENT}finish/", documents.finish, name="finish"),
    path(f"{DOCUMENT}reopen/", documents.reopen, name="reopen"),
    path(f"{DOCUMENT}delete/", documents.delete, name="delete"),
    path(f"{DOCUMENT}restore/", documents.restore, name="restore"),
    path(f"{LINE}correct/", lines.correct, name="correct"),
    path(f"{LINE}settle/", lines.settle, name="settle"),
]
