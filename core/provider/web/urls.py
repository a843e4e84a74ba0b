from django.urls import path

from core.provider.web import authorize, clients, connected, device, logout, protocol

app_name = "provider"
urlpatterns = [
    path(".well-known/openid-configuration", protocol.configuration, name="configuration"),
    path(".well-known/oauth-authorization-server", protocol.configuration, name="metadata"),
    path("oauth/keys", protocol.jwks, name="jwks"),
    path("oauth/authorize", authorize.authorize, name="authorize"),
    path("oauth/onward", authorize.onward, name="onward"),
    path("oauth/consent", authorize.consent, name="consent"),
    path("oauth/token", protocol.token, name="token"),
    path("oauth/userinfo", protocol.userinfo, name="userinfo"),
    path("oauth/revoke", protocol.revoke, name="revoke"),
    path("oauth/logout", logout.logout, name="logout"),
    path("oauth/logout/confirm", logout.confirm, name="logout_confirm"),
    path("oauth/device", device.request_codes, name="device_request"),
    path("device/", device.type_code, name="device"),
    path("accounts/services/", connected.listing, name="connected"),
    path("accounts/services/<str:client>/revoke/", connected.revoke, name="revoke_mine"),
    path("instance/clients/", clients.listing, name="clients"),
    path("instance/clients/new/", clients.register, name="register"),
    path("instance/clients/keys/rotate/", clients.rotate_keys, name="rotate_keys"),
    path("instance/clients/<uuid:pk>/", clients.thing, name="client"),
    path("instance/clients/<uuid:pk>/change/", clients.change, name="change"),
    path("instance/clients/<uuid:pk>/secret/", clients.renew_secret, name="renew_secret"),
    path("instance/clients/<uuid:pk>/disable/", clients.disable, name="disable"),
    path("instance/clients/<uuid:pk>/enable/", clients.enable, name="enable"),
]
