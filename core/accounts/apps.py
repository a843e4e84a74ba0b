from core.tool import RoomConfig


class AccountsConfig(RoomConfig):
    name = "core.accounts"
    label = "accounts"
    upkeep = ("core.accounts.sessions.forget_expired",)
