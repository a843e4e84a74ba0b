from core.tool import RoomConfig


class JobsConfig(RoomConfig):
    name = "core.jobs"
    label = "jobs"
