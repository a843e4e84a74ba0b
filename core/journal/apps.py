from core.tool import RoomConfig


class JournalConfig(RoomConfig):
    name = "core.journal"
    label = "journal"
