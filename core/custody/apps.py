from django.utils.translation import gettext_lazy as _

from core.tool import Page, Place, RoomConfig


class CustodyConfig(RoomConfig):
    """Those who run the instance look after its keys here; what they protect, they don't see."""

    name = "core.custody"
    label = "custody"
    pages = (Page(Place.INSTANCE, "keys", _("Encryption keys"), icon="key", home="custody:keys", order=40),)
