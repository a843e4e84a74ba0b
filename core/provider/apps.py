from django.utils.translation import gettext_lazy as _

from core.tool import Page, Place, RoomConfig, Tracked


class ProviderConfig(RoomConfig):
    name = "core.provider"
    label = "provider"
    pages = (
        Page(
            Place.ACCOUNT,
            "services",
            _("Connected services"),
            icon="plug-connected",
            home="provider:connected",
            order=60,
        ),
        Page(
            Place.INSTANCE,
            "clients",
            _("Services that sign in here"),
            icon="plug-connected",
            home="provider:clients",
            order=40,
        ),
    )
    tracked = (
        Tracked("allauth_idp_oidc.Client", secret=("secret",)),
        Tracked("provider.Service", secret=("secret_hash",)),
    )
    audit_actions = {
        "provider.client_registered": _("registered a service"),
        "provider.client_changed": _("changed a service"),
        "provider.client_disabled": _("disabled a service"),
        "provider.client_enabled": _("let a service in again"),
        "provider.secret_renewed": _("renewed the secret of a service"),
        "provider.keys_rotated": _("rotated the signing keys"),
        "provider.signed_in": _("signed in to a service"),
        "provider.sign_in_refused": _("was refused the sign-in to a service"),
        "provider.access_allowed": _("allowed a service to be told"),
        "provider.access_revoked": _("took back what a service was allowed"),
        "provider.code_replayed": _("saw a sign-in code come twice, and ended that sign-in"),
        "provider.token_replayed": _("saw a refresh token come twice, and ended that sign-in"),
        "provider.logout_not_heard": _("could not tell a service of a log-out"),
    }
    audit_details = {
        "service": _("service"),
        "scopes": _("what it may ask for"),
        "connections": _("connections that ended"),
        "person": _("person"),
        "kid": _("key"),
    }
    upkeep = ("core.provider.keys.renew", "core.provider.listeners.forget")
    duties = {"core.provider.listeners.sweep": 60, "core.provider.backchannel.send_due": 60}

    def ready(self) -> None:
        from allauth.account.signals import password_changed, password_reset, password_set
        from allauth.usersessions.models import UserSession
        from django.contrib.auth.signals import user_logged_out
        from django.db.models.signals import post_delete

        from core.access.signals import membership_ended
        from core.provider import listeners

        membership_ended.connect(listeners.everything_ended, dispatch_uid="provider.membership_ended")
        user_logged_out.connect(listeners.signed_out, dispatch_uid="provider.signed_out")
        post_delete.connect(listeners.session_ended, sender=UserSession, dispatch_uid="provider.session_ended")
        for changed in (password_changed, password_reset, password_set):
            changed.connect(listeners.everything_ended, dispatch_uid="provider.password_changed")
