from django.utils.translation import gettext_lazy as _

from core.tool import Page, Permission, Place, RoomConfig, Tracked


class WebhooksConfig(RoomConfig):
    name = "core.webhooks"
    label = "webhooks"
    erased = (
        {"Attempt": "delivery__endpoint__project"},
        {"Delivery": "endpoint__project"},
        {"Endpoint": "project"},
    )
    permissions = (
        Permission("webhooks.manage_endpoints", _("Have other programs told what happens"), whole_project=True),
    )
    roles = {"manager": ("webhooks.manage_endpoints",)}
    pages = (
        Page(
            Place.PROJECT,
            "webhooks",
            _("Webhooks"),
            icon="webhook",
            home="webhooks:list",
            needs="webhooks.manage_endpoints",
            order=80,
        ),
    )
    tracked = (Tracked("webhooks.Endpoint", secret=("secret", "old_secret"), passing=("failing_since",)),)
    audit_actions = {
        "webhooks.endpoint_created": _("created a webhook"),
        "webhooks.endpoint_changed": _("changed a webhook"),
        "webhooks.endpoint_deleted": _("deleted a webhook"),
        "webhooks.endpoint_switched_off": _("switched off a webhook"),
        "webhooks.secret_rotated": _("renewed the secret of a webhook"),
        "webhooks.test_sent": _("sent a test to a webhook"),
        "webhooks.replayed": _("had a webhook told again"),
    }
    audit_details = {
        "events": _("events"),
        "active": _("active"),
        "why": _("why"),
        "deliveries": _("deliveries"),
    }
    notices = {"webhooks.endpoint_switched_off": _("The webhook %(webhook)s was switched off.")}
    upkeep = ("core.webhooks.services.forget",)
    duties = {"core.webhooks.sending.start_due": 15.0}

    def ready(self) -> None:
        from django.db.models.signals import post_save

        from core.access.signals import membership_ended
        from core.audit.models import Event
        from core.webhooks import events, services

        post_save.connect(events.on_event, sender=Event, dispatch_uid="webhooks.on_event")
        membership_ended.connect(services.on_leaving, dispatch_uid="webhooks.on_leaving")
