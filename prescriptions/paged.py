"""Sets of cases about pages: a ZIP of `cases.jsonl` and of the pages that its cases name, each read as a file would be.

What comes in is a stranger's: it is listed, unpacked and read in the sandbox alone.
"""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import IO

from core.files import taking
from core.files.sandbox import NoSandbox
from prescriptions import reading
from prescriptions.engine.evaluation.case import LONGEST, Case
from prescriptions.engine.scans.page import Scan

CASES = "cases.jsonl"
LARGEST = 20 << 20
"""Bytes of one page, and of the cases."""
MOST = 500
"""Pages of one set: about half an hour of reading."""


def listed(archive: IO[bytes]) -> dict[str, int]:
    """Name -> bytes of each file of an archive. Raises Rejected, in words."""
    with taking.archive(archive, entries=MOST + 50) as result, result.open() as written:
        entries = [json.loads(line) for line in written.read().splitlines() if line.strip()]
    return {entry["name"]: entry["size"] for entry in entries}


def member(archive: IO[bytes], name: str) -> bytes:
    """One file of an archive. Raises Rejected, in words."""
    archive.seek(0)
    (content,) = taking.members(archive, [name], LARGEST)
    return content


def read(archive: IO[bytes], case: Case) -> tuple[Case, Scan]:
    """The case with the text of its page as it is read now; one that can't be read has none."""
    try:
        scan = reading.read_in_box(io.BytesIO(member(archive, case.page)))
    except NoSandbox:
        raise  # of the machine, not of the page
    except taking.Rejected:
        scan = Scan("", ())
    return replace(case, read=scan.text[:LONGEST]), scan
