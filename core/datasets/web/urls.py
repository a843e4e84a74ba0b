from django.urls import path

from core.datasets.web import uploads, views

SEGMENT = "datasets"
app_name = "datasets"
urlpatterns = [
    path("", views.datasets, name="list"),
    path("new/file/", uploads.upload, name="upload"),
    path("uploads/<uuid:pk>/", uploads.check, name="check"),
    path("uploads/<uuid:pk>/drop/", uploads.drop, name="drop"),
    path("<slug:name>/", views.version, name="dataset"),
    path("<slug:name>/<int:number>/", views.version, name="version"),
    path("<slug:name>/<int:number>/rows/", views.rows, name="rows"),
    path("<slug:name>/<int:number>/origin/", views.origin, name="origin"),
    path("<slug:name>/<int:number>/csv/", views.download, {"form": "csv"}, name="csv"),
    path("<slug:name>/<int:number>/parquet/", views.download, {"form": "parquet"}, name="parquet"),
]
