from django.urls import path

from core.datasets.web import comparing, dictionary, joining, lineage, preparing, profile, uploads, views

SEGMENT = "datasets"
app_name = "datasets"
urlpatterns = [
    path("", views.datasets, name="list"),
    path("new/file/", uploads.upload, name="upload"),
    path("new/join/", joining.join, name="join"),
    path("uploads/<uuid:pk>/", uploads.check, name="check"),
    path("uploads/<uuid:pk>/drop/", uploads.drop, name="drop"),
    path("<slug:name>/", views.version, name="dataset"),
    path("<slug:name>/lineage/", lineage.page, name="lineage"),
    path("<slug:name>/compare/", comparing.compare, name="compare"),
    path("<slug:name>/compare/<uuid:pk>/", comparing.comparison, name="comparison"),
    path("<slug:name>/<int:number>/", views.version, name="version"),
    path("<slug:name>/<int:number>/rows/", views.rows, name="rows"),
    path("<slug:name>/<int:number>/origin/", views.origin, name="origin"),
    path("<slug:name>/<int:number>/profile/", profile.profile, name="profile"),
    path("<slug:name>/<int:number>/dictionary/", dictionary.edit, name="dictionary"),
    path("<slug:name>/<int:number>/dictionary/history/", dictionary.history, name="revisions"),
    path("<slug:name>/<int:number>/dictionary/history/<int:revision>/", dictionary.revision, name="revision"),
    path("<slug:name>/<int:number>/dictionary/import/", dictionary.import_, name="dictionary_import"),
    path("<slug:name>/<int:number>/dictionary/<slug:form>/", dictionary.file, name="dictionary_file"),
    path("<slug:name>/<int:number>/export/<slug:form>/", views.download, name="export"),
    path("<slug:name>/<int:number>/prepare/<slug:form>/", preparing.prepare, name="prepare"),
    path("<slug:name>/<int:number>/prepared/<uuid:pk>/", preparing.prepared, name="prepared"),
    path("<slug:name>/<int:number>/csv/", views.download, {"form": "csv"}, name="csv"),
    path("<slug:name>/<int:number>/parquet/", views.download, {"form": "parquet"}, name="parquet"),
]
