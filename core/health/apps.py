from core.tool import RoomConfig


class HealthConfig(RoomConfig):
    name = "core.health"
    label = "health"
    health = (
        "core.health.services.database",
        "core.health.services.valkey",
        "core.health.services.migrations",
    )
