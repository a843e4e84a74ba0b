from django.urls import path

from core.inbox.web import choices, views

app_name = "inbox"
urlpatterns = [
    path("notices/", views.listing, name="list"),
    path("notices/bell/", views.bell, name="bell"),
    path("notices/read/", views.read_all, name="read_all"),
    path("notices/unread/", views.undo, name="undo"),
    path("notices/settings/", choices.choices, name="choices"),
    path("notices/settings/projects/", choices.projects, name="projects"),
    path("notices/unsubscribe/<str:token>/", choices.unsubscribe, name="unsubscribe"),
    path("notices/<uuid:pk>/", views.go, name="go"),
    path("notices/<uuid:pk>/read/", views.read, name="read"),
    path("notices/<uuid:pk>/unread/", views.unread, name="unread"),
]
