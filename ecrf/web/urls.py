from django.urls import path

from ecrf.web import (
    entries,
    forms,
    imports,
    quality,
    quality_run,
    query_files,
    query_list,
    query_pages,
    subjects,
    verification,
)

app_name = "ecrf"
SEGMENT = "forms"

SUBJECT = "subjects/<uuid:subject>/"
ENTRY = f"{SUBJECT}<slug:form>/"
RECORD = "records/<uuid:entry>/"
urlpatterns = [
    path("", subjects.grid, name="home"),
    path("subjects/include/", subjects.include, name="include"),
    path(SUBJECT, subjects.detail, name="subject"),
    path(ENTRY, entries.show, name="entry"),
    path(f"{ENTRY}state/", entries.state, name="entry_state"),
    path(f"{ENTRY}save/", entries.save, name="save_entry"),
    path(f"{ENTRY}history/", entries.history, name="history"),
    path(f"{ENTRY}lock/", entries.lock, name="lock"),
    path(f"{ENTRY}unlock/", entries.unlock, name="unlock"),
    path("library/", forms.listing, name="forms"),
    path("library/import/", imports.upload, name="import"),
    path("library/drafts/<uuid:pk>/", imports.preview, name="draft"),
    path("library/drafts/<uuid:pk>/publish/", imports.publish, name="publish"),
    path("library/drafts/<uuid:pk>/discard/", imports.discard, name="discard"),
    path("library/form/<slug:form>/", forms.detail, name="form"),
    path("library/form/<slug:form>/import/", imports.upload_next, name="import_next"),
    path("library/form/<slug:form>/export/", forms.export, name="export"),
    path("queries/", query_list.listing, name="query_list"),
    path("queries/bulk/", query_list.bulk, name="query_bulk"),
    path("queries/rules/", query_files.policy, name="query_policy"),
    path("queries/file/", query_files.upload, name="query_upload"),
    path("queries/file/<uuid:pk>/", query_files.preview, name="query_batch"),
    path("queries/file/<uuid:pk>/open/", query_files.confirm, name="query_batch_open"),
    path("queries/file/<uuid:pk>/discard/", query_files.discard, name="query_batch_discard"),
    path("queries/<uuid:pk>/", query_pages.detail, name="query"),
    path("queries/<uuid:pk>/act/", query_pages.act_at, name="query_act"),
    path(f"{RECORD}queries/", query_pages.of_entry, name="entry_queries"),
    path(f"{RECORD}queries/open/", query_pages.open_at, name="open_query"),
    path(f"{RECORD}verification/", verification.of_entry, name="entry_verification"),
    path(f"{RECORD}verification/mark/", verification.mark, name="mark_verified"),
    path(f"{RECORD}quality/", quality.record, name="quality_record"),
    path("verification/", verification.progress, name="verification"),
    path("verification/<slug:form>/plan/", verification.plan, name="verification_plan"),
    path("quality/", quality.overview, name="quality"),
    path("quality/form/<slug:form>/run/", quality.start, name="quality_start"),
    path("quality/form/<slug:form>/rule/", quality.new_rule, name="quality_new_rule"),
    path("quality/rules/<uuid:pk>/", quality.rule, name="quality_rule"),
    path("quality/rules/<uuid:pk>/retire/", quality.retire, name="quality_retire"),
    path("quality/runs/<uuid:pk>/", quality_run.detail, name="quality_run"),
    path("quality/runs/<uuid:pk>/act/", quality_run.act, name="quality_results"),
]
