"""Find what each room and tool brings to the whole, by the name of its module: nothing here knows one by name."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from core.tool import RoomConfig


def part(room: RoomConfig, name: str) -> ModuleType | None:
    """A module of a room, such as ``web.urls``, or None where the room has none; one that fails to import raises."""
    wanted = f"{room.name}.{name}"
    try:
        return import_module(wanted)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{wanted}.".startswith(f"{error.name}."):
            raise
        return None
