"""The operations of an OpenAPI document as a tree of resources: ``suite.ecrf.subjects.list()``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.api.engine.schemas import REFERENCE, docstring, references, safe, type_of

ROOT = "/api/v1/"
METHODS = ("get", "post", "put", "patch", "delete")
OWN = {"get": "get", "post": "create", "put": "update", "patch": "update", "delete": "delete"}
PREFIX = {"get": "", "post": "create_", "put": "update_", "patch": "update_", "delete": "delete_"}
LEFT_OUT = ("cursor", "fields")
"""Pages turn by themselves; and a row with some fields only is none of its type."""


@dataclass
class Resource:
    """A class of the client: what can be done at one place, and the places below it."""

    name: str
    operations: dict[str, Operation] = field(default_factory=dict)
    inside: dict[str, Resource] = field(default_factory=dict)

    def all(self) -> Iterator[Resource]:
        """Those below first."""
        for each in self.inside.values():
            yield from each.all()
        yield self

    def places(self, name: str) -> Iterator[tuple[str, Resource]]:
        """Itself and those below, each by its dotted name."""
        yield name, self
        for word, each in self.inside.items():
            yield from each.places(f"{name}.{word}")


@dataclass(frozen=True)
class Operation:
    method: str
    path: str
    said: Mapping[str, Any]

    @property
    def answers(self) -> dict[int, Mapping[str, Any]]:
        """Status -> content, of those that say it is done."""
        return {int(s): r.get("content", {}) for s, r in self.said["responses"].items() if s.startswith("2")}

    @property
    def row(self) -> str:
        """The schema of a row, where the answer is a page of them."""
        schema = self.answers.get(200, {}).get("application/json", {}).get("schema", {})
        name = str(schema.get("$ref", "")).removeprefix(REFERENCE)
        return name.removeprefix("Paginated").removesuffix("List") if name.startswith("Paginated") else ""

    @property
    def is_file(self) -> bool:
        return any(said["schema"].get("format") == "binary" for each in self.answers.values() for said in each.values())

    @property
    def body(self) -> tuple[str, Mapping[str, Any]] | None:
        """Media type and schema of what is sent."""
        content = self.said.get("requestBody", {}).get("content", {})
        return next(((kind, said["schema"]) for kind, said in content.items()), None)

    def parameters(self, place: str) -> list[Mapping[str, Any]]:
        return [each for each in self.said.get("parameters", ()) if each["in"] == place]

    def needs(self) -> tuple[set[str], set[str]]:
        """The schemas of what is answered, and of what is sent."""
        sent = set(references(self.said.get("requestBody", {})))
        sent |= {name for each in self.parameters("query") for name in references(each)}
        return ({self.row} if self.row else set(references(list(self.answers.values())))), sent


def tree(paths: Mapping[str, Any]) -> dict[str, Resource]:
    """The resources by the first word of their path. A place is a resource where single things lie below it.

    Raises ValueError where two operations would have one name.
    """
    places = {path.partition("{")[0] for path in paths if "{" in path}
    roots: dict[str, Resource] = {}
    for path in sorted(paths):
        words = path.removeprefix(ROOT).strip("/")
        if not words:
            continue
        head = words.split("/")[0]
        place = f"{ROOT}{head}/"
        resource = roots.setdefault(safe(head), Resource(camel(head)))
        for word in path.removeprefix(place).split("/"):
            if not word or word.startswith("{") or f"{place}{word}/" not in places:
                break
            place = f"{place}{word}/"
            resource = resource.inside.setdefault(safe(word), Resource(resource.name + camel(word)))
        rest = [word for word in path.removeprefix(place).strip("/").split("/") if word and not word.startswith("{")]
        if rest and path.rstrip("/").endswith("}"):
            rest[-1] = rest[-1].removesuffix("s")  # `objects` are all of them, `object` is one
        methods = [method for method in METHODS if method in paths[path]]
        for method in methods:
            found = Operation(method, path, paths[path][method])
            name = name_of(found, rest, alone=len(methods) == 1)
            if name in resource.operations:
                raise ValueError(f"{method} {path} would be a second {resource.name}.{name}")
            resource.operations[name] = found
    return roots


def name_of(operation: Operation, rest: list[str], *, alone: bool) -> str:
    """``list`` and ``get``, ``create``, ``update``, ``delete``; below them what the address says: ``lock``."""
    if rest:
        return safe(("" if alone else PREFIX[operation.method]) + "_".join(safe(word).rstrip("_") for word in rest))
    several = operation.row or json_type(operation).startswith("list[")
    return "list" if several and operation.method == "get" else OWN[operation.method]


def camel(words: str) -> str:
    return "".join(word.capitalize() for word in re.split(r"\W|_", words))


def method(name: str, operation: Operation) -> str:
    """An operation as a method of its resource."""
    path_names = [safe(each["name"]) for each in operation.parameters("path")]
    queries = [each for each in operation.parameters("query") if each["name"] not in LEFT_OUT]
    headers = {each["name"]: each for each in operation.parameters("header")}
    by_address = [f"{each}: UUID | str" for each in path_names]
    by_name = [
        f"{safe(each['name'])}: {type_of(each['schema'], sent=True)}"
        + ("" if each.get("required") else " | None = None")
        for each in sorted(queries, key=lambda each: not each.get("required"))
    ]
    passed, kind = list[str](), answer_type(operation)
    if operation.body:
        media, schema = operation.body
        by_address.append(f"body: {type_of(schema, sent=True)}")
        passed.append("form=body" if media.startswith("multipart/") else "body=body")
    if "If-Match" in headers:
        needed = headers["If-Match"].get("required")
        by_name.insert(0, "if_match: Model | str" + ("" if needed else " | None = None"))
        passed.append("if_match=if_match")
    if operation.method != "get" and not operation.is_file:
        by_name.append("idempotency_key: str | None = None")
        passed.append("idempotency_key=idempotency_key")
    if operation.method == "get" and not operation.row and not operation.is_file and kind.isidentifier():
        by_name.append(f"known: {kind} | None = None")
        passed.append("known=known")
    if queries:
        given = ", ".join(f'"{each["name"]}": {safe(each["name"])}' for each in queries)
        passed.insert(0, f"params={{{given}}}")
    signature = ", ".join(["self", *by_address, *(["*", *by_name] if by_name else [])])
    path = re.sub(r"{(\w+)}", lambda found: f"{{{safe(found[1])}}}", operation.path)
    place = f'f"{path}"' if path_names else f'"{path}"'
    said = docstring(operation.said.get("description", ""))
    lines = [f"def {name}({signature}) -> {kind}:", *([f"    {said}"] if said else [])]
    lines.append("    " + sentence(operation, place, passed))
    return "\n".join(f"    {line}" for line in lines) + "\n"


def argument(parameter: Mapping[str, Any]) -> str:
    optional = "" if parameter.get("required") else " | None = None"
    return f"{safe(parameter['name'])}: {type_of(parameter['schema'], sent=True)}{optional}"


def answer_type(operation: Operation) -> str:
    if operation.row:
        return f"Pages[{operation.row}]"
    if operation.is_file:
        return "Download"
    kind = json_type(operation)
    return kind.replace("list[", "Sequence[", 1) if kind.startswith("list[") else kind or "None"


def is_json(media: str) -> bool:
    """`application/json`, and what is built on it (RFC 6839: `application/fhir+json`), but the problems of RFC 9457."""
    return media == "application/json" or (media.endswith("+json") and media != "application/problem+json")


def json_type(operation: Operation) -> str:
    """What is answered, whichever status says so. Raises ValueError where it depends on the status."""
    contents = [said for content in operation.answers.values() for media, said in content.items() if is_json(media)]
    kinds = {type_of(said["schema"], sent=False) for said in contents if "schema" in said}
    if len(kinds) > 1:
        raise ValueError(f"{operation.method} {operation.path} answers {sorted(kinds)}")
    return kinds.pop() if kinds else ""


def sentence(operation: Operation, place: str, passed: list[str]) -> str:
    """What the method does."""
    if operation.row:
        params = next((each.partition("=")[2] for each in passed if each.startswith("params=")), "{}")
        return f"return self._transport.pages({operation.row}, {place}, {params})"
    words = ", ".join([f'"{operation.method.upper()}"', place, *passed])
    if operation.is_file:
        return f"return self._transport.download({words})"
    if not (kind := json_type(operation)):
        return f"self._transport.send({words})"
    return f"return self._transport.call({kind}, {words})"
