"""The query: which rows of which dataset, grouped by what, measured how. JSON outside, typed values inside."""

from __future__ import annotations

import hashlib
import json
import keyword
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from lowcode.engine.faults import BadQuery
from lowcode.engine.shape import faults_of_shape

Scalar = str | int | float | bool

DEFAULT_LIMIT = 1_000
RESERVED = frozenset({"by", "having", "metrics", "self"})
"""Names that mean something else where the printed Python passes them as keywords."""


@dataclass(frozen=True)
class Source:
    dataset: str
    version: int | None = None
    """None follows the newest version."""


@dataclass(frozen=True)
class Condition:
    column: str
    operator: str
    values: tuple[Scalar, ...] = ()


@dataclass(frozen=True)
class Group:
    """Conditions that must hold all together, any of them, or none of them."""

    match: str = "all"
    items: tuple[Condition | Group, ...] = ()


@dataclass(frozen=True)
class By:
    """One key of the grouping: the values of a column, or its classes."""

    name: str
    column: str
    width: float | None = None
    breaks: tuple[float, ...] = ()
    truncate: str = ""
    top: int | None = None


@dataclass(frozen=True)
class Measure:
    name: str
    of: str
    column: str = ""
    at: float | None = None


@dataclass(frozen=True)
class Order:
    by: str
    descending: bool = False


@dataclass(frozen=True)
class Query:
    source: Source
    where: Group = Group()
    by: tuple[By, ...] = ()
    measures: tuple[Measure, ...] = ()
    order: tuple[Order, ...] = ()
    limit: int = DEFAULT_LIMIT

    def to_json(self) -> dict[str, Any]:
        """The canonical form: reading it again gives an equal query."""
        return {
            "source": {"dataset": self.source.dataset, "version": self.source.version},
            "where": _filter_json(self.where),
            "by": [_by_json(key) for key in self.by],
            "measures": [_without_empty(vars(measure)) for measure in self.measures],
            "order": [{"by": term.by, "descending": term.descending} for term in self.order],
            "limit": self.limit,
        }

    @property
    def fingerprint(self) -> str:
        """Hash of what the query asks, whichever version of the dataset it is asked of."""
        asked = {key: value for key, value in self.to_json().items() if key != "source"}
        return hashlib.sha256(json.dumps(asked, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def read(raw: object) -> Query:
    """A query from its JSON. Raises BadQuery that lists every fault of form."""
    if (found := faults_of_shape(raw)) or not isinstance(raw, dict):
        raise BadQuery(found)
    name = _namer()
    return Query(
        source=_source(raw["source"]),
        where=_group(raw.get("where", {"match": "all", "items": []})),
        by=tuple(_by(key, name) for key in raw.get("by", ())),
        measures=tuple(_measure(measure, name) for measure in raw.get("measures", ())),
        order=tuple(Order(term["by"], term.get("descending", False)) for term in raw.get("order", ())),
        limit=int(raw.get("limit", DEFAULT_LIMIT)),
    )


def _source(raw: dict[str, Any]) -> Source:
    version = raw.get("version")
    return Source(raw["dataset"], None if version is None else int(version))


def _group(raw: dict[str, Any]) -> Group:
    return Group(raw["match"], tuple(_group(item) if "match" in item else _condition(item) for item in raw["items"]))


def _condition(raw: dict[str, Any]) -> Condition:
    values = (raw["value"],) if "value" in raw else tuple(raw.get("values", ()))
    return Condition(raw["column"], raw["is"], values)


def _by(raw: dict[str, Any], name: Callable[[dict[str, Any], str], str]) -> By:
    bin_ = raw.get("bin", {})
    return By(
        name=name(raw, raw["column"]),
        column=raw["column"],
        width=bin_.get("width"),
        breaks=tuple(bin_.get("breaks", ())),
        truncate=raw.get("truncate", ""),
        top=int(raw["top"]) if "top" in raw else None,
    )


def _measure(raw: dict[str, Any], name: Callable[[dict[str, Any], str], str]) -> Measure:
    words = [raw["of"], raw.get("column", ""), f"{raw['at']:g}" if "at" in raw else ""]
    return Measure(name(raw, "_".join(filter(None, words))), raw["of"], raw.get("column", ""), raw.get("at"))


def _namer() -> Callable[[dict[str, Any], str], str]:
    """Gives each output the name it asks for, or one made from its column that nothing else has."""
    taken: set[str] = set()

    def name(raw: dict[str, Any], words: str) -> str:
        if "name" in raw:
            taken.add(raw["name"])
            return str(raw["name"])
        base = output_name(words)
        chosen, number = base, 2
        while chosen in taken:
            chosen, number = f"{base}_{number}", number + 1
        taken.add(chosen)
        return chosen

    return name


def output_name(words: str) -> str:
    """A name for a column of the result, safe in every language the query is printed in."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:36] or "column"
    if not slug[0].isalpha():
        slug = f"c_{slug}"
    return f"{slug}_" if is_reserved(slug) else slug


def is_reserved(name: str) -> bool:
    return name in RESERVED or keyword.iskeyword(name)


def _filter_json(node: Condition | Group) -> dict[str, Any]:
    if isinstance(node, Group):
        return {"match": node.match, "items": [_filter_json(item) for item in node.items]}
    said: dict[str, Any] = {"column": node.column, "is": node.operator}
    if takes_many(node.operator):
        said["values"] = list(node.values)
    elif node.values:
        said["value"] = node.values[0]
    return said


def takes_many(operator: str) -> bool:
    return operator in ("between", "one_of", "none_of")


def _by_json(key: By) -> dict[str, Any]:
    said: dict[str, Any] = {"name": key.name, "column": key.column}
    if key.width is not None:
        said["bin"] = {"width": key.width}
    elif key.breaks:
        said["bin"] = {"breaks": list(key.breaks)}
    if key.truncate:
        said["truncate"] = key.truncate
    if key.top is not None:
        said["top"] = key.top
    return said


def _without_empty(pairs: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in pairs.items() if value not in ("", None)}


def conditions(node: Group, place: str = "where") -> Sequence[tuple[str, Condition]]:
    """Every condition of a filter, with its place."""
    found: list[tuple[str, Condition]] = []
    for number, item in enumerate(node.items):
        here = f"{place}.items.{number}"
        found += conditions(item, here) if isinstance(item, Group) else [(here, item)]
    return found
