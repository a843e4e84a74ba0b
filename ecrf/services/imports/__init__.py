"""Import of data: a file is kept sealed, tried, looked at, saved whole or not at all, and undone while it can be."""

from ecrf.services.imports.acts import begin_import, check_again, check_now, confirm_import, discard_import, save_now
from ecrf.services.imports.undoing import undo_import, undo_now

__all__ = [
    "begin_import",
    "check_again",
    "check_now",
    "confirm_import",
    "discard_import",
    "save_now",
    "undo_import",
    "undo_now",
]
