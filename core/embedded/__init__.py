"""What a machine without PostgreSQL and Valkey needs to run the suite: both, from wheels, kept in one private folder.

Nothing in this package needs Django's settings, so that `manage.py up`, `down`, `status` and `reset` work before they
can be read. `prepare` is called by `manage.py` and by the tests before anything else.
"""

from __future__ import annotations

from core.embedded.folder import locate
from core.embedded.preparation import prepare, release

__all__ = ["locate", "prepare", "release"]
