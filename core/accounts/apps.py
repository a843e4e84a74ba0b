from core.tool import RoomConfig


class AccountsConfig(RoomConfig):
    name = "core.accounts"
    label = "accounts"
