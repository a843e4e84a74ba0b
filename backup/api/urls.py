from django.urls import path
from rest_framework.routers import SimpleRouter

from backup.api import agents, allowances, objects, openings, protocol, sends, views, watching

router = SimpleRouter()
router.register("repositories", views.RepositoryViewSet, basename="repository")
router.register("plans", views.PlanViewSet, basename="plan")
router.register("agents", agents.AgentViewSet, basename="agent")
router.register("runs", agents.RunViewSet, basename="run")
router.register("snapshots", views.SnapshotViewSet, basename="snapshot")
router.register("openings", openings.OpeningViewSet, basename="opening")
router.register("sources", watching.SourceViewSet, basename="source")
router.register("alerts", watching.AlertViewSet, basename="alert")
router.register("allowances", allowances.AllowanceViewSet, basename="allowance")
router.register("sends", sends.SendViewSet, basename="send")
router.register("file-requests", sends.FileRequestViewSet, basename="file-request")

LINK = "<slug:link>"
OBJECTS = "repositories/<uuid:pk>/objects/"
urlpatterns = [
    *router.urls,
    path(OBJECTS, objects.ListingView.as_view(), name="objects"),
    path(f"{OBJECTS}<path:name>", objects.ObjectView.as_view(), name="object"),
    path("agent/enrol/", protocol.EnrolView.as_view(), name="machine-enrol"),
    path("agent/state/", protocol.StateView.as_view(), name="machine-state"),
    path("agent/key/", protocol.KeyView.as_view(), name="machine-key"),
    path("agent/runs/", protocol.RunsView.as_view(), name="machine-runs"),
    path("agent/runs/<uuid:pk>/progress/", protocol.ProgressView.as_view(), name="machine-progress"),
    path("agent/runs/<uuid:pk>/end/", protocol.EndView.as_view(), name="machine-end"),
    path("agent/leave/", protocol.LeaveView.as_view(), name="machine-leave"),
    path(f"sealed/{LINK}/", sends.SealedView.as_view(), name="sealed"),
    path(f"sealed/{LINK}/<slug:ticket>/piece/<int:number>/", sends.SealedPieceView.as_view(), name="sealed-piece"),
    path(f"drops/{LINK}/", sends.DropView.as_view(), name="drop"),
    path(f"drops/{LINK}/<slug:token>/pieces/", sends.DropPiecesView.as_view(), name="drop-pieces"),
    path(f"drops/{LINK}/<slug:token>/finish/", sends.DropFinishView.as_view(), name="drop-finish"),
    path(f"drops/{LINK}/<slug:token>/piece/<int:number>/", sends.DropPieceView.as_view(), name="drop-piece"),
]
