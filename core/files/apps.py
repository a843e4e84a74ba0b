from core.tool import RoomConfig


class FilesConfig(RoomConfig):
    name = "core.files"
    label = "files"
