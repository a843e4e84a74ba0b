"""The pages that are made from the code and kept with it: who may do what, the settings, the API, the ASVS."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils import translation
from drf_spectacular.drainage import GENERATOR_STATS, reset_generator_stats
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

from core import tool
from core.access import roles
from core.config import asvs, env


@dataclass(frozen=True)
class Artefact:
    path: Path
    render: Callable[[], str]


def all_artefacts() -> tuple[Artefact, ...]:
    root = settings.ROOT
    return (
        Artefact(root / "docs" / "permissions.md", permissions),
        Artefact(root / "docs" / "settings.md", settings_page),
        Artefact(root / "docs" / "openapi.json", openapi),
        Artefact(root / "docs" / "asvs.md", lambda: asvs.render(asvs.read(root / "docs" / "asvs.csv"))),
    )


def permissions() -> str:
    """Role by permission, app by app."""
    granted = roles.matrix()
    with translation.override("en"):
        lines = [
            "# Who may do what",
            "",
            "The built-in roles and what each holds. `S`: also in a membership for some sites; `P`: only in a",
            "membership for all sites of the project. ♥: opens patients' data; no role of organisations holds it.",
            "`manage.py generate` writes this page.",
        ]
        for room in tool.rooms():
            if not room.permissions:
                continue
            lines += ["", f"## {room.name}", "", "| permission | what it opens | " + " | ".join(roles.NAMES) + " |"]
            lines.append("|---|---|" + "---|" * len(roles.NAMES))
            for permission in room.permissions:
                mark = "P" if permission.whole_project else "S"
                cells = [mark if permission.code in granted[key] else "" for key in roles.NAMES]
                heart = " ♥" if permission.health_data else ""
                lines.append(f"| `{permission.code}` | {permission.label}{heart} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def settings_page() -> str:
    """Every setting an operator may set."""
    lines = [
        "# Settings",
        "",
        "Read from the environment at the start; what is missing or misspelt stops it with one message that names all.",
        "A secret comes from `NAME`, or better from the file named by `NAME_FILE`.",
        "`manage.py generate` writes this page.",
        "",
        env.table(),
    ]
    return "\n".join(lines)


def openapi() -> str:
    """The OpenAPI 3.1 document, in English. Raises ValueError where something of it had to be guessed."""
    reset_generator_stats()
    with translation.override("en"):
        schema = SchemaGenerator().get_schema(request=None, public=True)
    validate_schema(schema)
    if GENERATOR_STATS:
        raise ValueError("the API doesn't say all its types: `manage.py spectacular` tells which")
    return json.dumps(schema, indent=2, sort_keys=True, ensure_ascii=False, default=str) + "\n"
