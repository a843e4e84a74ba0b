from django.urls import path

from core.accounts.web import passkeys, passwords, sessions, views

app_name = "accounts"
urlpatterns = [
    path("accounts/link/<str:token>/", views.signin_link, name="signin_link"),
    path("accounts/2fa/webauthn/reauthenticate/", passkeys.ConfirmByPasskey.as_view(), name="confirm_by_passkey"),
    path("accounts/sessions/", sessions.sessions, name="sessions"),
    path("accounts/password/set/", passwords.choose, name="choose_password"),
]
