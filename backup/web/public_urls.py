"""Pages outside of any project: of people without account, and of those who administer organisations."""

from django.urls import include, path

from backup.web import allowances, sealed

SEALED = [
    path("sealed/<slug:link>/", sealed.receive, name="receive"),
    path("sealed/to/<slug:link>/", sealed.drop, name="drop"),
]
ALLOWANCES = [
    path("organisations/<slug:organisation>/backups/", allowances.of_organisation, name="of_organisation"),
    path("instance/backups/", allowances.listing, name="list"),
]
urlpatterns = [path("", include((SEALED, "sealed"))), path("", include((ALLOWANCES, "backup_allowances")))]
