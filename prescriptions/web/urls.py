from django.urls import path, re_path

from prescriptions.web import documents, evaluation, lines, runs

app_name = "prescriptions"
SEGMENT = "prescriptions"

DOCUMENT = "<uuid:pk>/"
LINE = "lines/<uuid:pk>/"
SET = "evaluation/sets/<uuid:pk>/"
RUN_FILE = r"evaluation/runs/(?P<pk>[0-9a-f-]{36})/results\.(?P<kind>csv|json)"
RUN = "evaluation/runs/<uuid:pk>/"
urlpatterns = [
    path("", documents.listing, name="home"),
    path("new/", documents.new, name="new"),
    path("deleted/", documents.deleted, name="deleted"),
    path("export/", documents.export, name="export"),
    path(DOCUMENT, documents.show, name="document"),
    path(f"{DOCUMENT}finish/", documents.finish, name="finish"),
    path(f"{DOCUMENT}reopen/", documents.reopen, name="reopen"),
    path(f"{DOCUMENT}delete/", documents.delete, name="delete"),
    path(f"{DOCUMENT}restore/", documents.restore, name="restore"),
    path(f"{LINE}correct/", lines.correct, name="correct"),
    path(f"{LINE}settle/", lines.settle, name="settle"),
    path("evaluation/", evaluation.home, name="evaluation"),
    path("evaluation/sets/new/", evaluation.new_set, name="new_case_set"),
    path("evaluation/sets/own/", evaluation.own_set, name="own_case_set"),
    path(SET, evaluation.case_set, name="case_set"),
    path(f"{SET}delete/", evaluation.delete_set, name="delete_case_set"),
    path(RUN, runs.show, name="run"),
    path(f"{RUN}cases/", runs.cases, name="run_cases"),
    path(f"{RUN}cases/<int:position>/", runs.case, name="run_case"),
    path(f"{RUN}compare/", runs.compare, name="compare_runs"),
    re_path(rf"^{RUN_FILE}$", runs.export, name="export_run"),
]
