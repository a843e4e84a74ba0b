"""The formats by name. Each is a package of its own, imported when it is first needed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from ecrf.engine.faults import Fault

if TYPE_CHECKING:
    from ecrf.engine.definition import Definition

Reader = Callable[..., tuple[dict[str, Any], list[Fault]]]
"""``read(content, *, language)``: the data of a definition and remarks. Raises Refused with every fault."""
Writer = Callable[..., tuple[bytes, list[Fault]]]
"""``write(definition)``: the file, and what it can't say."""

MAX_BYTES = 20 * 1024 * 1024


@dataclass(frozen=True)
class Format:
    """`reader` and `writer` are the dotted names of functions."""

    name: str
    title: str
    extensions: tuple[str, ...]
    """The first is what a file that is written gets."""
    media_type: str
    reader: str
    writer: str

    def read(self, content: bytes, *, language: str) -> tuple[dict[str, Any], list[Fault]]:
        data, remarks = function(self.reader)(content, language=language)
        return data, remarks

    def write(self, definition: Definition) -> tuple[bytes, list[Fault]]:
        content, losses = function(self.writer)(definition)
        return content, losses


def function(name: str) -> Any:
    module, _, last = name.partition(":")
    return getattr(import_module(module), last)


HERE = __name__.rpartition(".")[0]


def made(name: str, title: str, extensions: str, media_type: str, package: str = "") -> Format:
    module = f"{HERE}.{package or name.replace('-', '_').replace('.', '_')}"
    return Format(name, title, tuple(extensions.split()), media_type, f"{module}:read", f"{module}:write")


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMATS: dict[str, Format] = {
    each.name: each
    for each in (
        made("native", "JSON", ".json", "application/json", "native.json_text"),
        made("native-text", "YAML", ".yaml .yml", "application/yaml", "native"),
        made("redcap-dictionary", "REDCap data dictionary", ".csv", "text/csv"),
        made("redcap-xml", "REDCap project XML", ".xml", "application/xml"),
        made("xlsform", "XLSForm", ".xlsx .xls .csv .md", XLSX),
        made("odm-1.3.2", "CDISC ODM 1.3.2", ".xml", "application/xml"),
        made("odm-2.0", "CDISC ODM 2.0", ".xml", "application/xml"),
        made("fhir-questionnaire", "FHIR Questionnaire (R4)", ".json", "application/fhir+json"),
        made("goupile", "Goupile", ".zip .js", "application/zip"),
    )
}


def missing() -> list[str]:
    """The formats whose code isn't there: asked for, they raise ImportError."""
    return [each.name for each in FORMATS.values() if not all(there(name) for name in (each.reader, each.writer))]


def there(name: str) -> bool:
    module, _, last = name.partition(":")
    try:
        return find_spec(module) is not None and hasattr(import_module(module), last)
    except ModuleNotFoundError:
        return False
