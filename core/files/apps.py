from django.utils.translation import gettext_lazy as _

from core.tool import RoomConfig


class FilesConfig(RoomConfig):
    """Files have no permissions of their own: who may read one is said by the room or tool that keeps it."""

    name = "core.files"
    label = "files"
    upkeep = ("core.files.services.sweep",)
    audit_actions = {"files.file_erased": _("erased a file")}
