from django.urls import path, re_path

from prescriptions.web import (
    documents,
    double,
    evaluation,
    exchange,
    files,
    gold,
    inbox,
    lines,
    medicines,
    pages,
    reconciliations,
    review,
    runs,
    schedule,
    synthetic,
)

app_name = "prescriptions"
SEGMENT = "prescriptions"

DOCUMENT = "<uuid:pk>/"
LINE = "lines/<uuid:pk>/"
BATCH = "batches/<uuid:pk>/"
RECONCILIATION = "reconciliations/<uuid:pk>"
SET = "evaluation/sets/<uuid:pk>/"
RUN_FILE = r"evaluation/runs/(?P<pk>[0-9a-f-]{36})/results\.(?P<kind>csv|json)"
RUN = "evaluation/runs/<uuid:pk>/"
GENERATION = "synthetic/<uuid:pk>/"
urlpatterns = [
    path("", inbox.listing, name="home"),
    path("new/", documents.new, name="new"),
    path("deleted/", inbox.deleted, name="deleted"),
    path("medicines/", medicines.search, name="medicines"),
    path("medicines/<str:cis>/", medicines.product, name="medicine"),
    path("export/", documents.export, name="export"),
    path("assign/", inbox.assign, name="assign"),
    path("delete/", inbox.delete_selected, name="delete_selected"),
    path("restore/", inbox.restore_selected, name="restore_selected"),
    path("inbox/", files.receive, name="receive"),
    path(BATCH, files.batch, name="batch"),
    path(f"{BATCH}read/", files.read, name="read"),
    path(f"{BATCH}retry/", files.retry, name="retry"),
    path(f"{BATCH}drop/", files.drop, name="drop"),
    path(DOCUMENT, review.show, name="document"),
    path(f"{DOCUMENT}pages/<int:number>/", pages.image, name="page"),
    path("files/", exchange.export, name="files"),
    path("reconciliations/", reconciliations.listing, name="reconciliations"),
    path("reconciliations/compare/", reconciliations.compare, name="compare"),
    path(f"{RECONCILIATION}/", reconciliations.show, name="reconciliation"),
    path(f"{RECONCILIATION}.pdf", reconciliations.paper, name="reconciliation_pdf"),
    path(f"{DOCUMENT}files/<slug:form>/", exchange.one, name="file"),
    path(f"{DOCUMENT}plan/", schedule.show, name="plan"),
    path(f"{DOCUMENT}plan.pdf", schedule.paper, name="plan_pdf"),
    path("gold/", gold.show, name="gold"),
    path("gold/publish/", gold.publish, name="gold_publish"),
    path(f"{LINE}gold/", gold.decide, name="gold_decide"),
    path("statistics/", double.statistics, name="statistics"),
    path("rules/", double.rules, name="rules"),
    path(f"{DOCUMENT}begin/", double.begin, name="begin"),
    path(f"{DOCUMENT}readings/", double.compare, name="readings"),
    path(f"{DOCUMENT}finish/", documents.finish, name="finish"),
    path(f"{DOCUMENT}reopen/", documents.reopen, name="reopen"),
    path(f"{DOCUMENT}delete/", documents.delete, name="delete"),
    path(f"{DOCUMENT}restore/", documents.restore, name="restore"),
    path(f"{DOCUMENT}add/", lines.add, name="add"),
    path(f"{DOCUMENT}undo/", lines.undo, name="undo"),
    path(f"{DOCUMENT}redo/", lines.redo, name="redo"),
    path(f"{LINE}correct/", lines.correct, name="correct"),
    path(f"{LINE}settle/", lines.settle, name="settle"),
    path(f"{LINE}choose/", lines.choose, name="choose"),
    path(f"{LINE}opinion/", lines.take_opinion, name="opinion"),
    path(f"{LINE}split/", lines.split, name="split"),
    path(f"{LINE}merge/", lines.merge, name="merge"),
    path("evaluation/", evaluation.home, name="evaluation"),
    path("evaluation/sets/new/", evaluation.new_set, name="new_case_set"),
    path("evaluation/sets/own/", evaluation.own_set, name="own_case_set"),
    path(SET, evaluation.case_set, name="case_set"),
    path(f"{SET}delete/", evaluation.delete_set, name="delete_case_set"),
    path(RUN, runs.show, name="run"),
    path(f"{RUN}cases/", runs.cases, name="run_cases"),
    path(f"{RUN}cases/<int:position>/", runs.case, name="run_case"),
    path(f"{RUN}compare/", runs.compare, name="compare_runs"),
    path("synthetic/", synthetic.listing, name="synthetic"),
    path("synthetic/new/", synthetic.new, name="new_generation"),
    path("synthetic/preview/", synthetic.preview, name="preview_generation"),
    path(GENERATION, synthetic.show, name="generation"),
    path(f"{GENERATION}file/", synthetic.file, name="generation_file"),
    path(f"{GENERATION}delete/", synthetic.delete, name="delete_generation"),
    re_path(rf"^{RUN_FILE}$", runs.export, name="export_run"),
]
