from django.utils.translation import gettext_lazy as _

from core.tool import Page, Place, RoomConfig


class AccountsConfig(RoomConfig):
    name = "core.accounts"
    label = "accounts"
    pages = (
        Page(Place.ACCOUNT, "address", _("E-mail address"), icon="mail", home="account_email", order=10),
        Page(Place.ACCOUNT, "mfa", _("Second factor and passkeys"), icon="shield-lock", home="mfa_index", order=20),
        Page(Place.ACCOUNT, "sessions", _("Open sessions"), icon="devices", home="usersessions_list", order=30),
        Page(Place.ACCOUNT, "password", _("Password"), icon="key", home="account_change_password", order=40),
    )
    upkeep = ("core.accounts.sessions.forget_expired",)

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in

        from core.accounts import limits, mails

        user_logged_in.connect(limits.on_signed_in, dispatch_uid="accounts.limits")
        mails.connect()
