from django.utils.translation import gettext_lazy as _

from core.tool import Permission, RoomConfig


class ApiConfig(RoomConfig):
    name = "core.api"
    label = "api"
    permissions = (Permission("api.create_token", _("Create access tokens for the API")),)
    roles = dict.fromkeys(("controller", "manager", "clinician", "researcher"), ("api.create_token",))
    audit_actions = {
        "api.token_created": _("created an access token"),
        "api.token_revoked": _("revoked an access token"),
    }
    audit_details = {"token": _("access token"), "permissions": _("permissions"), "until": _("until")}

    def ready(self) -> None:
        from core.access.signals import membership_ended
        from core.api import schema, services  # noqa: F401  (the schema's extensions register themselves)

        membership_ended.connect(services.revoke_on_leaving, dispatch_uid="api.revoke_on_leaving")
