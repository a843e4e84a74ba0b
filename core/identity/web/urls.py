from django.urls import path, re_path

from core.identity.web import connections, directory, factors, logout, providers, sign_in

app_name = "identity"
PURPOSE = "|".join((*sign_in.ANYBODY, *sign_in.SIGNED_IN))
urlpatterns = [
    path("accounts/2fa/webauthn/keys/<int:pk>/remove/", factors.remove_passkey, name="remove_passkey"),
    path("accounts/2fa/totp/deactivate/", factors.remove_app, name="remove_app"),
    path("accounts/connections/", connections.connections, name="connections"),
    path("accounts/connections/<uuid:pk>/unlink/", connections.unlink, name="unlink"),
    path("accounts/profile/", connections.profile, name="profile"),
    path("accounts/confirm/", sign_in.confirm, name="confirm"),
    path("directory/", directory.people, name="directory"),
    re_path(rf"^accounts/identity/(?P<slug>[\w-]+)/begin/(?P<purpose>{PURPOSE})/$", sign_in.begin, name="begin"),
    path("accounts/identity/<slug:slug>/callback/", sign_in.callback, name="callback"),
    path("accounts/identity/<slug:slug>/logout/", logout.logout, name="logout"),
    path("instance/identity-providers/", providers.listing, name="providers"),
    path("instance/identity-providers/add/<slug:kind>/", providers.add, name="add_provider"),
    path("instance/identity-providers/<uuid:pk>/", providers.edit, name="edit_provider"),
    path("instance/identity-providers/<uuid:pk>/enable/", providers.enable, name="enable_provider"),
    path("instance/identity-providers/<uuid:pk>/check/", providers.check, name="check_provider"),
]
