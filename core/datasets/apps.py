from core.tool import RoomConfig


class DatasetsConfig(RoomConfig):
    name = "core.datasets"
    label = "datasets"
