from django.utils.translation import gettext_lazy as _

from core.tool import Page, Place, RoomConfig, Tracked


class AnnouncementsConfig(RoomConfig):
    name = "core.announcements"
    label = "announcements"
    pages = (
        Page(
            Place.INSTANCE,
            "announcements",
            _("Announcements and maintenance"),
            icon="speakerphone",
            home="announcements:list",
            order=40,
        ),
    )
    tracked = (
        Tracked("announcements.Announcement"),
        Tracked("announcements.Maintenance"),
    )
    audit_actions = {
        "announcements.published": _("published an announcement"),
        "announcements.changed": _("changed an announcement"),
        "announcements.withdrawn": _("withdrew an announcement"),
        "announcements.maintenance_set": _("set the maintenance mode"),
    }
    audit_details = {"level": _("level"), "mode": _("mode")}
