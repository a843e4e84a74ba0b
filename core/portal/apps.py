from core.tool import RoomConfig


class PortalConfig(RoomConfig):
    name = "core.portal"
    label = "portal"
