"""Who reaches the pages of signing in and of one's own account, which allauth serves."""

from __future__ import annotations

from tests.walk import EVERYONE, PUBLIC, SIGNED_IN, Route

MOVED = dict.fromkeys(SIGNED_IN, 302)
"""Sent on: to the home page from what is for those who have not signed in, or to say who one is once more."""
SIGNED_OUT = {"anonymous": 200} | MOVED
NOTHING_YET = dict.fromkeys(SIGNED_IN, 404)

ROUTES = [
    Route("account_login", allowed=SIGNED_OUT),
    Route("account_signup", allowed=SIGNED_OUT),
    Route("account_logout", allowed={"anonymous": 302} | SIGNED_IN),
    Route("account_inactive", allowed=PUBLIC),
    Route("account_reauthenticate", allowed=MOVED),
    Route("account_change_password", allowed=MOVED),
    Route("account_set_password", allowed=MOVED),
    Route("account_email", allowed=SIGNED_IN),
    Route("account_email_verification_sent", allowed=PUBLIC),
    Route("account_confirm_email", lambda world: {"key": "unknown"}, PUBLIC),
    Route("account_confirm_login_code", allowed=dict.fromkeys(EVERYONE, 302)),
    Route("account_reset_password", allowed=PUBLIC),
    Route("account_reset_password_done", allowed=PUBLIC),
    Route("account_reset_password_from_key", lambda world: {"uidb36": "0", "key": "unknown"}, PUBLIC),
    Route("account_reset_password_from_key_done", allowed=PUBLIC),
    Route("accounts:signin_link", lambda world: {"token": "unknown"}, dict.fromkeys(EVERYONE, 410)),
    Route("mfa_index", allowed=SIGNED_IN),
    Route("mfa_authenticate", allowed=dict.fromkeys(EVERYONE, 302)),
    Route("mfa_reauthenticate", allowed=SIGNED_IN),
    Route("mfa_activate_totp", allowed=MOVED),
    Route("mfa_deactivate_totp", allowed=MOVED),
    Route("mfa_view_recovery_codes", allowed=NOTHING_YET),
    Route("mfa_download_recovery_codes", allowed=NOTHING_YET),
    Route("mfa_generate_recovery_codes", allowed=MOVED),
    Route("usersessions_list", allowed=SIGNED_IN),
    Route("accounts:sessions", allowed=SIGNED_IN),
    Route("accounts:sessions", allowed=MOVED, method="post"),
    Route("accounts:confirm_by_passkey", allowed=MOVED),
    Route("accounts:choose_password", allowed=MOVED),
    Route("mfa_list_webauthn", allowed=SIGNED_IN),
    Route("mfa_add_webauthn", allowed=MOVED),
    Route("mfa_edit_webauthn", lambda world: {"pk": 1}, MOVED),
    Route("mfa_remove_webauthn", lambda world: {"pk": 1}, MOVED),
    Route("mfa_reauthenticate_webauthn", allowed=MOVED),
    Route("mfa_login_webauthn", allowed=dict.fromkeys(EVERYONE, 302)),
    Route("javascript-catalog", allowed=PUBLIC),
]
