from django.urls import path

from datahub.web import catalogue, notebooks

SEGMENT = "spaces"
app_name = "datahub"
urlpatterns = [
    path("", catalogue.listing, name="home"),
    path("notebooks/", notebooks.listing, name="notebooks"),
    path("notebooks/new/", notebooks.create, name="create"),
    path("notebooks/<uuid:pk>/", notebooks.notebook, name="notebook"),
    path("notebooks/<uuid:pk>/results/", notebooks.results, name="results"),
    path("notebooks/<uuid:pk>/delete/", notebooks.delete, name="delete"),
    path("notebooks/<uuid:pk>/restore/", notebooks.restore, name="restore"),
]
