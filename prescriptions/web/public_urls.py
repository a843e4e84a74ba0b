"""Pages outside of any project: of those who run the instance."""

from django.urls import include, path

from prescriptions.web import editions

MEDICINES = [
    path("instance/medicines/", editions.editions, name="editions"),
    path("instance/medicines/<uuid:pk>/use", editions.use, name="use"),
]
urlpatterns = [path("", include((MEDICINES, "medicines")))]
