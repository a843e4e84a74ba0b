from django.urls import path

from ecrf.web import entries, forms, imports, locks, subjects

app_name = "ecrf"
SEGMENT = "forms"

SUBJECT = "subjects/<uuid:subject>/"
ENTRY = f"{SUBJECT}<slug:form>/"
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
]
