from django.urls import path

from core.announcements.web import statements, views

app_name = "announcements"
urlpatterns = [
    path("instance/announcements/", views.listing, name="list"),
    path("instance/announcements/new/", views.create, name="create"),
    path("instance/announcements/<uuid:pk>/", views.change, name="change"),
    path("instance/announcements/<uuid:pk>/withdraw/", views.withdraw, name="withdraw"),
    path("instance/maintenance/", views.maintenance, name="maintenance"),
    path("announcements/<uuid:pk>/dismiss/", views.dismiss, name="dismiss"),
    path("accessibility/", statements.accessibility, name="accessibility"),
    path("privacy/", statements.privacy, name="privacy"),
]
