"""The Python client: one module for each place of the API, with its types, and one that ties them together."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.api.engine.operations import Resource, method, tree
from core.api.engine.schemas import closed, definition, in_order

STYLE = ("--quiet", "--isolated", "--no-respect-gitignore", "--config", "line-length = 120")
HEADER = (
    '"""{title}\n\nWritten from the OpenAPI document by ``manage.py client``: change the API, not this file.\n"""\n\n'
)
IMPORTS = """from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal, NotRequired, TypedDict
from uuid import UUID

from pydantic import Field

from suite_interhop.transport import Download, File, Model, Pages, Transport

"""


def write(document: Mapping[str, Any], folder: Path) -> None:
    """Write the modules into a folder, in the style of the repository; what was there of an older API is gone."""
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.py"):
        old.unlink()
    for name, text in modules(document).items():
        (folder / f"{name}.py").write_text(text)
    (folder / "__init__.py").touch()
    ruff = str(Path(sys.executable).with_name("ruff"))
    for act in (["check", "--select=F401,I", "--fix"], ["format"]):
        subprocess.run([ruff, *act, *STYLE, str(folder)], check=True)


def modules(document: Mapping[str, Any]) -> dict[str, str]:
    """Name of a module -> its source, before it is formatted. The same document gives the same text."""
    schemas = document["components"]["schemas"]
    roots = tree(document["paths"])
    return {name: module(name, root, schemas) for name, root in roots.items()} | {"suite": tied(roots)}


def module(name: str, root: Resource, schemas: Mapping[str, Any]) -> str:
    """The types that a place speaks of, each once, and its resources."""
    answered, sent = set[str](), set[str]()
    for resource in root.all():
        for operation in resource.operations.values():
            ours, theirs = operation.needs()
            answered |= ours
            sent |= theirs
    answered, sent = closed(answered, schemas), closed(sent, schemas)
    text = HEADER.format(title=f"What is below /api/v1/{name.replace('_', '-')}/.") + IMPORTS
    for each in in_order(answered | sent, schemas):
        text += definition(each, schemas[each], sent=each in sent) + "\n\n"
    for resource in root.all():
        text += resource_class(resource)
    return text


def resource_class(resource: Resource) -> str:
    lines = [f"class {resource.name}:", "    def __init__(self, transport: Transport) -> None:"]
    lines.append("        self._transport = transport")
    lines += [f"        self.{name} = {each.name}(transport)" for name, each in resource.inside.items()]
    return "\n".join(lines) + "\n\n" + "\n".join(method(*each) for each in resource.operations.items()) + "\n\n"


def tied(roots: Mapping[str, Resource]) -> str:
    """The module with the resources of a suite, by their names."""
    lines = [HEADER.format(title="Every place of the API, by its name.") + "from __future__ import annotations\n"]
    lines += [f"from suite_interhop.api.{name} import {root.name}" for name, root in roots.items()]
    lines += ["from suite_interhop.transport import Transport", "", "", "class Resources:"]
    lines += ["    def __init__(self, transport: Transport) -> None:"]
    lines += [f"        self.{name} = {root.name}(transport)" for name, root in roots.items()]
    return "\n".join(lines) + "\n"
