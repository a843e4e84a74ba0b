from django.utils.translation import gettext_lazy as _

from core.tool import Page, Permission, Place, RoomConfig


class ApiConfig(RoomConfig):
    name = "core.api"
    label = "api"
    erased = ({"Token": "project"},)
    pages = (Page(Place.ACCOUNT, "tokens", _("Access tokens"), icon="api", home="tokens:list", order=50),)
    permissions = (Permission("api.create_token", _("Create access tokens for the API"), in_person=True),)
    roles = dict.fromkeys(("controller", "manager", "clinician", "researcher"), ("api.create_token",))
    audit_actions = {
        "api.token_created": _("created an access token"),
        "api.token_revoked": _("revoked an access token"),
    }
    upkeep = ("core.api.keeping.forget",)
    audit_details = {"token": _("access token"), "permissions": _("permissions"), "until": _("until")}

    def ready(self) -> None:
        from core.access.signals import membership_ended
        from core.api import keeping, schema, services  # noqa: F401  (the schema's extensions register themselves)
        from core.vault import resealing

        resealing.waits.append(keeping.sealed_before)
        membership_ended.connect(services.revoke_on_leaving, dispatch_uid="api.revoke_on_leaving")
