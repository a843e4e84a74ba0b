from django.utils.translation import gettext_lazy as _

from core.tool import Page, Place, RoomConfig


class StorageConfig(RoomConfig):
    """Those who run the instance see here how much is stored, where, and by whom; never what."""

    name = "core.storage"
    label = "storage"
    pages = (Page(Place.INSTANCE, "storage", _("Storage"), icon="database", home="storage:overview", order=45),)
