"""What format a file is in, told from what is in it; its name decides only where that leaves a doubt."""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import PurePath

from ecrf.engine.redcap.columns import TITLES, simple
from ecrf.engine.redcap.dictionary_file import NEEDED

EDGE = 20_000
XLS = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SHEETS = frozenset({"survey", "choices", "settings"})
SCRIPT = re.compile(r"\b(?:app|form|data|meta)\.[A-Za-z]{1,30}\(")
NATIVE = re.compile(r"^(?:format|title|languages|pages|lists|events):", re.MULTILINE)
ODM_VERSION = re.compile(r"""ODMVersion\s{0,9}=\s{0,9}["'](\d)|cdisc\.org/ns/odm/v(\d)""")
BY_EXTENSION = {".xlsx": "xlsform", ".xls": "xlsform", ".md": "xlsform", ".yaml": "native-text", ".yml": "native-text"}
BY_EXTENSION |= {".js": "goupile", ".zip": "goupile", ".goarch": "goupile"}


def detect(content: bytes, filename: str = "") -> str | None:
    """The name of the format, or None."""
    if content.startswith(XLS):
        return "xlsform"
    if content.startswith(b"PK\x03\x04"):
        return archive(content)
    extension = PurePath(filename).suffix.lower()
    start = content[:EDGE].decode("utf-8-sig", errors="replace")
    text = start.lstrip()
    found = None
    if text.startswith("<"):
        found = xml(start)
    elif text.startswith("{"):
        found = json_kind(content)
    elif "\0" not in text:
        found = table(text) or script(text, extension)
    if found is None and extension in BY_EXTENSION and not text.startswith("<") and "\0" not in text:
        found = BY_EXTENSION[extension]
    return found


def archive(content: bytes) -> str | None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as opened:
            names = opened.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return None
    return "xlsform" if "xl/workbook.xml" in names else "goupile"


def xml(start: str) -> str | None:
    if "projectredcap" in start:
        return "redcap-xml"
    found = ODM_VERSION.search(start)
    if found is None:
        return "odm-1.3.2" if re.search(r"<(?:\w+:)?ODM\b", start) else None
    return "odm-2.0" if "2" in found.groups() else "odm-1.3.2"


def json_kind(content: bytes) -> str | None:
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        return None
    if data.get("resourceType") == "Questionnaire":
        return "fhir-questionnaire"
    if "pages" in data or "format" in data:
        return "native"
    return "goupile" if any(isinstance(name, str) and name.endswith(".js") for name in files_of(data)) else None


def files_of(data: dict[str, object]) -> list[object]:
    inside = data.get("files", data)
    if isinstance(inside, list):
        return [
            one.get("filename", one.get("name", one.get("path"))) if isinstance(one, dict) else one for one in inside
        ]
    return list(inside) if isinstance(inside, dict) else []


def table(text: str) -> str | None:
    """A CSV file whose header or first cell tells what it is, or tables of Markdown."""
    first = text.splitlines()[0] if text else ""
    cells = [cell.strip().strip('"') for cell in re.split(r"[,;\t]", first)]
    # a title of REDCap's holds a comma
    known = {TITLES.get(simple(cell)) for cell in cells} | {TITLES.get(simple(first_of(first)))}
    if len(known & NEEDED) >= 3:
        return "redcap-dictionary"
    if cells[0].lower() in SHEETS:
        return "xlsform"
    return "xlsform" if first.startswith("|") and first.strip("| ").split("|")[0].strip().lower() in SHEETS else None


def first_of(line: str) -> str:
    return line.partition(",")[0].strip('"')


def script(text: str, extension: str) -> str | None:
    if extension in (".yaml", ".yml"):
        return "native-text"
    if extension == ".js":
        return "goupile"
    if len(NATIVE.findall(text)) >= 2:
        return "native-text"
    return "goupile" if SCRIPT.search(text) else None
