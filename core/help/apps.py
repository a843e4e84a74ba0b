from core.tool import RoomConfig


class HelpConfig(RoomConfig):
    name = "core.help"
    label = "help"
