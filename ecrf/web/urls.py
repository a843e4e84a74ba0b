from django.urls import path

from ecrf.web import builder, drafts, entries, forms, imports, subjects

app_name = "ecrf"
SEGMENT = "forms"

SUBJECT = "subjects/<uuid:subject>/"
ENTRY = f"{SUBJECT}<slug:form>/"
DRAFT = "library/drafts/<uuid:pk>/"
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
    path("library/new/", builder.new, name="new_form"),
    path("library/rule/", drafts.rule, name="design_rule"),
    path("library/instruments/", builder.instruments, name="instruments"),
    path(DRAFT, drafts.preview, name="draft"),
    path(f"{DRAFT}publish/", drafts.publish, name="publish"),
    path(f"{DRAFT}discard/", drafts.discard, name="discard"),
    path(f"{DRAFT}review/", drafts.ask, name="ask_review"),
    path(f"{DRAFT}approve/", drafts.approve, name="approve"),
    path(f"{DRAFT}impact/", drafts.measure, name="measure_impact"),
    path(f"{DRAFT}rename/", builder.rename, name="rename_draft"),
    path(f"{DRAFT}build/", builder.build, name="build"),
    path(f"{DRAFT}save/", builder.save, name="save_build"),
    path(f"{DRAFT}text/", builder.text, name="draft_text"),
    path(f"{DRAFT}parse/", builder.parse, name="parse_formula"),
    path(f"{DRAFT}states/", builder.states, name="draft_states"),
    path(f"{DRAFT}state/", builder.state, name="draft_state"),
    path(f"{DRAFT}restore/", builder.restore, name="restore_draft"),
    path(f"{DRAFT}comments/", builder.comments, name="draft_comments"),
    path("library/form/<slug:form>/", forms.detail, name="form"),
    path("library/form/<slug:form>/build/", builder.build_next, name="build_next"),
    path("library/form/<slug:form>/compare/", drafts.compare, name="compare"),
    path("library/form/<slug:form>/as/<str:to>/", forms.losses, name="losses"),
    path("library/form/<slug:form>/as/<str:to>/file/", forms.download, name="download"),
    path("library/form/<slug:form>/import/", imports.upload_next, name="import_next"),
    path("library/form/<slug:form>/export/", forms.export, name="export"),
]
