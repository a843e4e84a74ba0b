from django.utils.translation import gettext_lazy as _

from core.tool import Page, Place, RoomConfig, Tracked


class JournalConfig(RoomConfig):
    name = "core.journal"
    label = "journal"
    erased = ({"Rule": "project"}, {"Alert": "project"})
    pages = (
        Page(
            Place.PROJECT,
            "audit",
            _("Audit trail"),
            icon="history",
            home="audit:journal",
            needs="audit.read_journal",
            order=30,
        ),
        Page(
            Place.INSTANCE, "audit", _("Audit trail of the instance"), icon="history", home="audit:instance", order=10
        ),
        Page(Place.PERSON, "activity", _("My activity"), icon="activity", home="audit:mine", order=60),
    )
    notices = {
        "audit.alert_volume": _("%(person)s read much more than usual: %(number)s things in an hour."),
        "audit.alert_series": _("%(person)s read many things one after another: %(number)s in ten minutes."),
        "audit.alert_hours": _("%(person)s read at night or on a weekend, as never before."),
        "audit.alert_exports": _("%(person)s made many exports: %(number)s in an hour."),
        "audit.alert_refusals": _("%(person)s was refused again and again: %(number)s times in an hour."),
        "audit.alert_emergency": _("%(person)s opened access in an emergency."),
    }
    tracked = (Tracked("journal.Rule"),)
    duties = {"core.journal.feed.feed": 5, "core.journal.watching.watch": 20}
    health = ("core.journal.feed.health",)
