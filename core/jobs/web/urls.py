from django.urls import path

from core.jobs.web import instance, views

app_name = "jobs"
urlpatterns = [
    path("jobs/", views.job_list, name="list"),
    path("jobs/<uuid:pk>/", views.job, name="job"),
    path("jobs/<uuid:pk>/progress/", views.progress, name="progress"),
    path("jobs/<uuid:pk>/cancel/", views.cancel, name="cancel"),
    path("jobs/<uuid:pk>/retry/", views.retry, name="retry"),
    path("instance/jobs/", instance.job_list, name="instance"),
    path("instance/jobs/<uuid:pk>/stop/", instance.stop, name="stop"),
]
