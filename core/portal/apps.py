from core.portal import tour
from core.tool import RoomConfig


class PortalConfig(RoomConfig):
    name = "core.portal"
    label = "portal"
    tour = tour.TOUR
