"""The runtime of page scripts as one text: the files that the browser's build bundles, without import and export."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

FOLDER = Path(__file__).parent / "runtime"
ORDER = (
    "moments",
    "clock",
    "hashes",
    "util",
    "markup",
    "inert",
    "words",
    "codes",
    "kit",
    "inputs",
    "layout",
    "form",
    "project",
    "meta",
    "stored",
    "described",
    "modules",
    "evaluate",
    "start",
)
"""What a file imports comes before it. No two files give the same name to anything."""

IMPORT = re.compile(r"^import .*?;\n", re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const))", re.MULTILINE)
OWN_NAME = re.compile(r"^(?:async )?(?:function\*?|class|const|let) ([A-Za-z_$][\w$]*)", re.MULTILINE)


@lru_cache(maxsize=1)
def runtime() -> str:
    """A script that defines what start.js says."""
    parts = (FOLDER.joinpath(f"{name}.js").read_text(encoding="utf-8") for name in ORDER)
    bodies = [EXPORT.sub("", IMPORT.sub("", part)) for part in parts]
    return '"use strict";(() => {\n' + "\n".join(bodies) + "})();\n"


def names() -> list[str]:
    """Every name at the top of the runtime's files, with repetition."""
    return OWN_NAME.findall(runtime())
