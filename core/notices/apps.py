from django.utils.translation import gettext_lazy as _

from core.tool import RoomConfig


class NoticesConfig(RoomConfig):
    name = "core.notices"
    label = "notices"
    audit_actions = {
        "notices.choices_set": _("chose what to be told of"),
        "notices.rhythm_set": _("chose when to get the summary by mail"),
        "notices.unsubscribed": _("unsubscribed from a mail"),
    }
    audit_details = {"kinds": _("kinds of notices"), "every": _("rhythm"), "kind": _("kind of notice")}
    forget = "core.notices.services.forget"
    upkeep = ("core.notices.services.forget_old",)
