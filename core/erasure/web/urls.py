from django.urls import path

from core.erasure.web import views

app_name = "erasure"
urlpatterns = [
    path("instance/erasures/", views.erasures, name="list"),
    path("instance/erasures/people/<uuid:pk>/", views.of_person, name="of_person"),
    path("projects/<slug:project>/erasure/", views.of_project, name="of_project"),
    path("erasures/<uuid:pk>/", views.one, name="one"),
    path("erasures/<uuid:pk>/confirm", views.confirm, name="confirm"),
    path("erasures/<uuid:pk>/withdraw", views.withdraw, name="withdraw"),
    path("erasures/<uuid:pk>/certificate.<str:form>", views.certificate, name="certificate"),
]
