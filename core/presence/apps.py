from core.tool import RoomConfig


class PresenceConfig(RoomConfig):
    name = "core.presence"
    label = "presence"
