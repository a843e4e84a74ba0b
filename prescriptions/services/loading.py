"""From the official files, wherever they are, to an edition: the work of the job and of the command."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from contextvars import ContextVar

from django.utils.translation import gettext as _

from core import files
from core.errors import Conflict
from core.files.models import StoredFile
from prescriptions.engine.reference import archives, building, official
from prescriptions.engine.reference.catalogue import Reference
from prescriptions.engine.reference.starting import starter
from prescriptions.services import fetching
from prescriptions.services.references import ARCHIVE, NAME

Report = Callable[[int, int, str], None]
FOLDER = "folder"
TOTAL = len(official.STEMS) + building.STEPS
watching: ContextVar[Report | None] = ContextVar("watching", default=None)
"""Who sees the steps besides the job's row: the command that does the job itself."""


def edition(dated: str, address: str, archive: StoredFile | None, report: Report) -> Reference:
    """Fetch or open the files, then read them. Raises Conflict with the file and line of what can't be read."""
    told = watching.get()

    def step(done: int, message: str) -> None:
        report(done, TOTAL, message)
        if told is not None:
            told(done, TOTAL, message)

    try:
        if archive is None:
            found = fetching.fetch(address, lambda done, _total: step(done, _("Fetching the files")))
        else:
            with files.open(archive) as stream:
                found = archives.archived(stream.read())
        return built(found, dated, lambda done, _all: step(len(official.STEMS) + done, _("Reading the files")))
    except official.Unreadable as error:
        message = _("The files can’t be read: %(why)s.")
        raise Conflict(message % {"why": error}, "unreadable") from error


def built(found: Mapping[str, bytes], dated: str, report: building.Progress) -> Reference:
    """The edition, with the use of products that our own list knows. Raises Unreadable."""
    weights = {product.cis: product.weight for product in starter().products}
    return building.build(found, name=NAME, edition=dated, weights=weights, report=report)


def packed(found: Mapping[str, bytes]) -> StoredFile:
    """The files as one archive of the instance, for a job that may run elsewhere."""
    packed_files = io.BytesIO()
    with zipfile.ZipFile(packed_files, "w", zipfile.ZIP_DEFLATED) as archive:
        for stem, content in found.items():
            archive.writestr(f"{stem}.txt", content)
    packed_files.seek(0)
    return files.store(None, None, packed_files, name="bdpm.zip", kind=ARCHIVE)
