from django.urls import path

from ecrf.web import entries, forms, imports, locks, subjects
from ecrf.web.randomisation import allocations, making, schemes, tables

app_name = "ecrf"
SEGMENT = "forms"

SUBJECT = "subjects/<uuid:subject>/"
ENTRY = f"{SUBJECT}<slug:form>/"
SCHEME = "randomisation/<uuid:pk>/"
urlpatterns = [
    path("", subjects.grid, name="home"),
    path("subjects/include/", subjects.include, name="include"),
    path(SUBJECT, subjects.detail, name="subject"),
    path(f"{SUBJECT}lock/", locks.lock_subject, name="lock_subject"),
    path(ENTRY, entries.show, name="entry"),
    path(f"{ENTRY}state/", entries.state, name="entry_state"),
    path(f"{ENTRY}save/", entries.save, name="save_entry"),
    path(f"{ENTRY}history/", entries.history, name="history"),
    path(f"{ENTRY}lock/", entries.lock, name="lock"),
    path(f"{ENTRY}unlock/", entries.unlock, name="unlock"),
    path(f"{ENTRY}sign/", entries.sign, name="sign"),
    path(f"{ENTRY}remove/", entries.remove, name="remove"),
    path("records/<uuid:pk>/restore/", entries.restore, name="restore"),
    path("locks/", locks.listing, name="locks"),
    path("locks/freeze/", locks.freeze, name="freeze"),
    path("locks/<uuid:pk>/release/", locks.release, name="release"),
    path("library/", forms.listing, name="forms"),
    path("library/import/", imports.upload, name="import"),
    path("library/drafts/<uuid:pk>/", imports.preview, name="draft"),
    path("library/drafts/<uuid:pk>/publish/", imports.publish, name="publish"),
    path("library/drafts/<uuid:pk>/discard/", imports.discard, name="discard"),
    path("library/form/<slug:form>/", forms.detail, name="form"),
    path("library/form/<slug:form>/as/<str:to>/", forms.losses, name="losses"),
    path("library/form/<slug:form>/as/<str:to>/file/", forms.download, name="download"),
    path("library/form/<slug:form>/import/", imports.upload_next, name="import_next"),
    path("library/form/<slug:form>/export/", forms.export, name="export"),
    path("randomisation/", schemes.listing, name="schemes"),
    path("randomisation/new/<slug:form>/", making.new, name="new_scheme"),
    path("randomisation/new/<slug:form>/preview/", making.show, name="preview_scheme"),
    path(SCHEME, schemes.detail, name="scheme"),
    path(f"{SCHEME}open/", schemes.open_, name="open_scheme"),
    path(f"{SCHEME}close/", schemes.close, name="close_scheme"),
    path(f"{SCHEME}reopen/", schemes.reopen, name="reopen_scheme"),
    path(f"{SCHEME}discard/", schemes.discard, name="discard_scheme"),
    path(f"{SCHEME}make/", tables.make, name="make_table"),
    path(f"{SCHEME}upload/", tables.upload, name="upload_table"),
    path(f"{SCHEME}extend/", tables.extend, name="extend_table"),
    path(f"{SCHEME}table/", tables.read, name="table"),
    path(f"{SUBJECT}randomise/<uuid:scheme>/", allocations.randomise, name="randomise"),
    path(f"{SUBJECT}unblind/<uuid:pk>/", allocations.unblind, name="unblind"),
]
