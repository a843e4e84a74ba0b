from django.utils.translation import gettext_lazy as _

from core.tool import RoomConfig


class HistoryConfig(RoomConfig):
    name = "core.history"
    label = "history"
    audit_actions = {"history.read": _("read the history of a setting")}
    audit_details = {"kind": _("kind"), "key": _("thing"), "filters": _("filters")}
    health = ("core.history.tracking.health",)

    def ready(self) -> None:
        from django.db.models.signals import post_migrate

        from core.history import tracking

        post_migrate.connect(tracking.install, sender=self)
