"""Whether this machine can do what the room needs, for its health page."""

from __future__ import annotations

import io
import shutil

from django.conf import settings
from django.utils.translation import gettext as _

from core.files import storage
from core.files.engine.box import Missing
from core.files.engine.parsing import Limits, NoBox, parsed
from core.tool import Finding, Level

SCARCE = 0.05
"""Share of the disk below which it is said that little is left."""


def sandbox_opens() -> Finding:
    """Files that people send can be opened in a closed box."""
    try:
        with parsed("core.files.engine.copying:copy", io.BytesIO(b"."), {}, Limits(seconds=20)):
            return Finding("files.sandbox", Level.GOOD)
    except (NoBox, Missing) as error:
        text = _(
            "Files that people send can’t be opened safely, so they are refused. Install bubblewrap and allow user "
            "namespaces (%(reason)s)."
        )
        return Finding("files.sandbox", Level.FAILED, text % {"reason": error})


def storage_answers() -> Finding:
    """Each place that keeps files can be reached, and the disk has room."""
    name = "files.storage"
    for place in storage.places():
        if reason := place.ails():
            return Finding(name, Level.FAILED, reason)
    disk = shutil.disk_usage(settings.DATA_DIR)
    if disk.free < disk.total * SCARCE:
        text = _("The server’s disk is nearly full: soon nothing can be stored. Make room, or add some.")
        return Finding(name, Level.WARNING, text)
    return Finding(name, Level.GOOD)
