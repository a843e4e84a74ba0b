from core.tool import RoomConfig


class HealthConfig(RoomConfig):
    name = "core.health"
    label = "health"
