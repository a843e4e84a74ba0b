from core.tool import RoomConfig


class FilesConfig(RoomConfig):
    """Files have no permissions of their own: who may read one is said by the room or tool that keeps it."""

    name = "core.files"
    label = "files"
