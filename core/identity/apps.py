from typing import Any

from django.utils.translation import gettext_lazy as _

from core.tool import Page, Place, RoomConfig, Tracked


class IdentityConfig(RoomConfig):
    name = "core.identity"
    label = "identity"
    pages = (
        Page(Place.PERSON, "directory", _("Directory"), icon="address-book", home="identity:directory", order=40),
        Page(Place.ACCOUNT, "connections", _("Connections"), icon="link", home="identity:connections", order=45),
        Page(Place.ACCOUNT, "profile", _("Profession"), icon="stethoscope", home="identity:profile", order=60),
        Page(
            Place.INSTANCE,
            "identity-providers",
            _("Identity providers"),
            icon="id-badge-2",
            home="identity:providers",
            order=40,
        ),
    )
    health = ("core.identity.health.providers",)
    tracked = (Tracked("identity.IdentityProvider", passing=("changed_at",)),)
    audit_actions = {
        "identity.provider_added": _("added an identity provider"),
        "identity.provider_changed": _("changed an identity provider"),
        "identity.provider_enabled": _("let people sign in through an identity provider"),
        "identity.provider_disabled": _("took an identity provider out of use"),
        "identity.linked": _("linked an identity with the account"),
        "identity.unlinked": _("unlinked an identity from the account"),
        "identity.account_created": _("got an account through an identity provider"),
        "identity.sign_in_refused": _("was not let in through an identity provider"),
        "identity.signed_out_there": _("was told by an identity provider that somebody signed out there"),
        "identity.profile_changed": _("changed the own professional profile"),
    }
    audit_details = {"provider": _("identity provider"), "name": _("name"), "fields": _("fields")}
    notices = {
        "identity.session_crowded_out": _(
            "You signed in once more, and so your oldest session ended, on: %(device)s. If you don’t know it, "
            "change your password."
        ),
    }

    def ready(self) -> None:
        from core.accounts.signals import session_crowded_out

        session_crowded_out.connect(_tell_of_session, dispatch_uid="identity.session_crowded_out")


def _tell_of_session(*, user: Any, device: str, **_signal: Any) -> None:
    from django.urls import reverse

    from core.notices.services import notify

    notify([user], "identity.session_crowded_out", url=reverse("usersessions_list"), device=device)
