"""One call in three languages, with values of the right kind; what stands in brackets is to be filled in."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pprint import pformat
from typing import Any

from core.api.engine.operations import Operation
from core.api.engine.schemas import REFERENCE

VALUES = {
    "date-time": "2026-12-01T08:00:00Z", "date": "2026-12-01", "uuid": "6f1b8f7a-6d0e-4c6e-9a53-0b9f0c3f7a11",
    "email": "person@hospital.example", "uri": "https://hospital.example/", "binary": "<file>",
}  # fmt: skip
PLAIN = {"string": "…", "integer": 1, "number": 1.5, "boolean": True, "null": None}
DEEPEST = 4


def value(schema: Mapping[str, Any], schemas: Mapping[str, Any], depth: int = 0) -> Any:
    """A value that the schema may take; of an object what must be there, or all of it where nothing must."""
    if reference := schema.get("$ref"):
        return value(schemas[str(reference).removeprefix(REFERENCE)], schemas, depth)
    for name in ("oneOf", "anyOf", "allOf"):
        if name in schema:
            return value(schema[name][0], schemas, depth)
    for name in ("example", "default"):
        if name in schema:
            return schema[name]
    if "enum" in schema:
        return schema["enum"][0]
    kinds = schema.get("type", "object")
    kind = kinds if isinstance(kinds, str) else kinds[0]
    if kind == "array":
        return [value(schema.get("items", {}), schemas, depth + 1)] if depth < DEEPEST else []
    if kind == "object":
        members = {name: each for name, each in schema.get("properties", {}).items() if not each.get("readOnly")}
        wanted = [name for name in members if name in schema.get("required", ())] or list(members)
        return {name: value(members[name], schemas, depth + 1) for name in wanted} if depth < DEEPEST else {}
    return VALUES.get(str(schema.get("format")), PLAIN[kind])


def of(operation: Operation, python: str, address: str, body: Any) -> list[tuple[str, str]]:
    """The name of a language, and the call in it."""
    return [
        ("curl", curl(operation, address, body)),
        ("Python", in_python(operation, python, address, body)),
        ("JavaScript", javascript(operation, address, body)),
    ]


def filled(path: str) -> str:
    return re.sub(r"{(\w+)}", r"<\1>", path)


def is_form(operation: Operation) -> bool:
    return bool(operation.body and operation.body[0].startswith("multipart/"))


def curl(operation: Operation, address: str, body: Any) -> str:
    lines = [f"curl --request {operation.method.upper()} '{address}{filled(operation.path)}'"]
    lines.append('--header "Authorization: Bearer $SUITE_TOKEN"')
    if operation.method != "get":
        lines.append('--header "Idempotency-Key: $(uuidgen)"')
    if any(each["name"] == "If-Match" and each.get("required") for each in operation.parameters("header")):
        lines.append("--header 'If-Match: <etag>'")
    if is_form(operation):
        lines += [f"--form '{name}={'@file' if given == '<file>' else given}'" for name, given in body.items()]
    elif body is not None:
        lines += ["--header 'Content-Type: application/json'", f"--data '{quoted(body)}'"]
    if operation.is_file:
        lines.append("--output file")
    return " \\\n  ".join(lines)


def quoted(body: Any) -> str:
    return json.dumps(body, ensure_ascii=False).replace("'", "'\\''")


def in_python(operation: Operation, python: str, address: str, body: Any) -> str:
    arguments = [f'"<{each["name"]}>"' for each in operation.parameters("path")]
    if body is not None:
        text = pformat(body, sort_dicts=False, width=88).replace("'<file>'", 'Path("file")')
        arguments.append(text.replace("\n", "\n    "))
    if any(each["name"] == "If-Match" and each.get("required") for each in operation.parameters("header")):
        arguments.append("if_match=read_before")
    call = f"suite.{python}({', '.join(arguments)})" if python else "vars(suite)"
    lines = [
        "from suite_interhop import Suite",
        "",
        f'with Suite("{address}") as suite:  # the token is in SUITE_TOKEN',
    ]
    if is_form(operation):
        lines.insert(0, "from pathlib import Path\n")
    if operation.row:
        lines += [f"    for row in {call}:", "        print(row)"]
    elif operation.is_file:
        lines += [f"    with {call} as file:", '        file.save("file")']
    else:
        lines += [f"    {call}" if operation.method == "delete" else f"    print({call})"]
    return "\n".join(lines)


def javascript(operation: Operation, address: str, body: Any) -> str:
    head = ["Authorization: `Bearer ${token}`"]
    if operation.method != "get":
        head.append('"Idempotency-Key": crypto.randomUUID()')
    if any(each["name"] == "If-Match" and each.get("required") for each in operation.parameters("header")):
        head.append('"If-Match": etag')
    lines, sent = list[str](), list[str]()
    if is_form(operation):
        lines = ["const body = new FormData();", *(appended(name, given) for name, given in body.items())]
        sent = ["  body,"]
    elif body is not None:
        head.append('"Content-Type": "application/json"')
        sent = [f"  body: JSON.stringify({json.dumps(body, ensure_ascii=False)}),"]
    lines.append(f'const answer = await fetch("{address}{filled(operation.path)}", {{')
    lines += [f'  method: "{operation.method.upper()}",', f"  headers: {{ {', '.join(head)} }},", *sent, "});"]
    lines.append("if (!answer.ok) throw new Error((await answer.json()).title);")
    if operation.is_file:
        lines.append("const file = await answer.blob();")
    elif any(operation.answers.values()):
        lines.append("console.log(await answer.json());")
    return "\n".join(lines)


def appended(name: str, given: Any) -> str:
    value_ = "file" if given == VALUES["binary"] else json.dumps(given, ensure_ascii=False)
    return f"body.append({json.dumps(name)}, {value_});"
