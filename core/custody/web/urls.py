from django.urls import path

from core.custody.web import keys

app_name = "custody"
urlpatterns = [
    path("instance/keys/", keys.key_list, name="keys"),
    path("instance/keys/rewrap", keys.rewrap, name="rewrap"),
    path("instance/keys/own", keys.renew_own, name="renew_own"),
    path("instance/keys/<slug:project>/", keys.key, name="key"),
    path("instance/keys/<slug:project>/renew", keys.renew, name="renew"),
]
