from django.urls import path

from backup.web import agents, file_requests, home, plans, repositories, runs, sends, snapshots

app_name = "backup"
SEGMENT = "backups"
urlpatterns = [
    path("", home.home, name="home"),
    path("alerts/<uuid:pk>/quiet/", home.quiet, name="alert-quiet"),
    path("repositories/new/", repositories.create, name="repository-create"),
    path("repositories/<uuid:pk>/", repositories.repository, name="repository"),
    path("repositories/<uuid:pk>/confirm/", repositories.confirm, name="repository-confirm"),
    path("repositories/<uuid:pk>/discard/", repositories.discard, name="repository-discard"),
    path("agents/", agents.agent_list, name="agents"),
    path("agents/new/", agents.create, name="agent-create"),
    path("agents/<uuid:pk>/", agents.agent, name="agent"),
    path("agents/<uuid:pk>/code/", agents.renew, name="agent-renew"),
    path("agents/<uuid:pk>/key/", agents.key, name="agent-key"),
    path("agents/<uuid:pk>/plan/", agents.plan, name="agent-plan"),
    path("agents/<uuid:pk>/remove/", agents.remove, name="agent-remove"),
    path("runs/", runs.run_list, name="runs"),
    path("runs/<uuid:pk>/", runs.run, name="run"),
    path("runs/<uuid:pk>/progress/", runs.progress, name="run-progress"),
    path("runs/<uuid:pk>/stop/", runs.stop, name="run-stop"),
    path("plans/new/", plans.create, name="plan-create"),
    path("plans/<uuid:pk>/", plans.plan, name="plan"),
    path("plans/<uuid:pk>/change/", plans.change, name="plan-change"),
    path("plans/<uuid:pk>/run/", plans.run, name="plan-run"),
    path("plans/<uuid:pk>/end/", plans.end, name="plan-end"),
    path("snapshots/<uuid:pk>/", snapshots.snapshot, name="snapshot"),
    path("snapshots/<uuid:pk>/files/", snapshots.files, name="snapshot-files"),
    path("sends/", sends.listing, name="sends"),
    path("sends/new/", sends.create, name="send-create"),
    path("sends/<uuid:pk>/", sends.send, name="send"),
    path("sends/<uuid:pk>/revoke/", sends.revoke, name="send-revoke"),
    path("sends/<uuid:pk>/prolong/", sends.prolong, name="send-prolong"),
    path("requests/new/", file_requests.create, name="request-create"),
    path("requests/<uuid:pk>/", file_requests.request_page, name="request"),
    path("requests/<uuid:pk>/revoke/", file_requests.revoke, name="request-revoke"),
]
