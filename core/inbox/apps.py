from django.utils.translation import gettext_lazy as _

from core.tool import Page, Place, RoomConfig, Tracked


class InboxConfig(RoomConfig):
    name = "core.inbox"
    label = "inbox"
    pages = (
        Page(Place.PERSON, "notices", _("Notices"), icon="bell", home="inbox:list", order=10),
        Page(Place.ACCOUNT, "notices", _("Notices and mails"), icon="bell-cog", home="inbox:choices", order=60),
    )
    notices = {
        "inbox.membership_ends": _("Your access ends on %(day)s."),
        "inbox.invited": _("You are invited to a project: the link to accept is in a mail to you."),
    }
    tracked = (Tracked("inbox.NamedProject"),)
    audit_actions = {
        "inbox.project_named": _("let mails name the project"),
        "inbox.project_unnamed": _("took the project’s name out of the mails"),
    }
    duties = {"core.inbox.mail.send_due": 30, "core.inbox.digest.send_due": 300}
    upkeep = ("core.inbox.reminders.remind",)

    def ready(self) -> None:
        from core.inbox import reminders

        reminders.connect()
