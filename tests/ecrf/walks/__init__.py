"""The routes of the forms, room by room: `tests/ecrf/walk.py` lists them all."""
