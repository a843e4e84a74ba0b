from django.utils.translation import gettext_lazy as _

from core.tool import Page, Place, RoomConfig


class DeskConfig(RoomConfig):
    name = "core.desk"
    label = "desk"
    erased = ({"Start": "project"}, {"View": "project"})
    pages = (Page(Place.ACCOUNT, "settings", _("Display"), icon="adjustments", home="desk:settings", order=5),)
    audit_actions = {
        "desk.view_saved": _("saved a view of a list"),
        "desk.view_changed": _("changed a view of a list"),
        "desk.view_deleted": _("deleted a view of a list"),
    }
    audit_details = {"table": _("list"), "shared": _("shared")}

    def ready(self) -> None:
        from core.desk.views import starting_view
        from core.web import table

        table.start = starting_view
