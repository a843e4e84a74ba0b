"""A project's files from a ZIP, or from one script, within limits."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import PurePosixPath

from ecrf.engine.faults import Fault, Refused

MOST_FILES = 2000
LARGEST = 500_000
ALTOGETHER = 4_000_000
TEXTS = (".js", ".mjs", ".json")


def files(content: bytes) -> tuple[dict[str, str], list[Fault]]:
    """Scripts by path, main.js at the top; what else is in the archive is told. Raises Refused."""
    if not content.startswith(b"PK"):
        return {"pages/page.js": text("page.js", content)}, []
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return unpacked(archive)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error) as fault:
        raise Refused([Fault("", "not_zip", {"detail": str(fault)[:200]})]) from None


def unpacked(archive: zipfile.ZipFile) -> tuple[dict[str, str], list[Fault]]:
    entries = [entry for entry in archive.infolist() if not entry.is_dir() and "__MACOSX" not in entry.filename]
    if len(entries) > MOST_FILES:
        raise Refused([Fault("", "too_many_files", {"limit": MOST_FILES})])
    top = root(entry.filename for entry in entries)
    found: dict[str, str] = {}
    left: list[Fault] = []
    whole = 0
    for entry in entries:
        path = PurePosixPath(entry.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts:
            raise Refused([Fault(entry.filename[:200], "bad_path")])
        name = str(path).removeprefix(top)
        if path.suffix.lower() not in TEXTS:
            left.append(Fault(name[:200], "goupile_file_left"))
            continue
        with archive.open(entry) as stream:
            raw = stream.read(LARGEST + 1)
        whole += len(raw)
        if len(raw) > LARGEST or whole > ALTOGETHER:
            raise Refused(
                [Fault(name[:200], "file_too_large", {"limit": LARGEST if len(raw) > LARGEST else ALTOGETHER})]
            )
        found[name] = text(name, raw)
    if not found:
        raise Refused([Fault("", "goupile_no_script")])
    return found, left


def root(names: Iterable[str]) -> str:
    """The folder in which main.js lies: an archive may hold a project's folder, or an export's `files`."""
    mains = sorted((name for name in names if PurePosixPath(name).name == "main.js"), key=len)
    return mains[0][: -len("main.js")] if mains else ""


def text(name: str, raw: bytes) -> str:
    if len(raw) > LARGEST:
        raise Refused([Fault(name[:200], "file_too_large", {"limit": LARGEST})])
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise Refused([Fault(name[:200], "not_utf8", {"byte": fault.start})]) from None


def packed(contents: dict[str, str]) -> bytes:
    """The same files make the same bytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(contents):
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), contents[name])
    return stream.getvalue()


def spelt(value: object) -> str:
    """A value as JavaScript writes it."""
    return json.dumps(value, ensure_ascii=False)
