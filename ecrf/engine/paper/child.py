"""Sets papers in a process of its own: Typst keeps what it has laid out until its process ends.

Takes one line of JSON per paper from the standard input; gives its length in eight bytes, then the PDF. A length with
the highest bit is that of a message: the paper can't be set. Imports nothing of ours, so that it begins at once.
"""

from __future__ import annotations

import base64
import json
import resource
import sys
from pathlib import Path
from typing import Any

import typst

compile_: Any = typst.compile
"""It also takes files by their names, which its types don't say."""
HERE = Path(__file__).parent
MEMORY, SECONDS = 4 << 30, 900
FAILED = 1 << 63
STANDARDS: tuple[list[str], ...] = (["a-2a", "ua-1"], ["a-2a"], [])
"""What can't be shown in any font at hand is refused by PDF/A: then it stands as a box."""


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    templates = {path.name: path.read_bytes() for path in HERE.glob("*.typ")}
    out = sys.stdout.buffer
    for line in sys.stdin.buffer:
        try:
            made = paper(templates, json.loads(line))
            out.write(len(made).to_bytes(8, "big") + made)
        except (typst.TypstError, RuntimeError, ValueError) as error:
            told = str(error)[:500].encode("utf-8", "replace")
            out.write((FAILED | len(told)).to_bytes(8, "big") + told)
        out.flush()


def paper(templates: dict[str, bytes], asked: dict[str, Any]) -> bytes:
    files = dict(templates)
    files["main"] = templates[asked["template"]]
    images = {name: list(base64.b64decode(content)) for name, content in asked["images"].items()}
    files["data.json"] = json.dumps({**asked["values"], "images": images}).encode()
    for standards in STANDARDS:
        try:
            made: bytes = compile_(files, format="pdf", pdf_standards=standards, timestamp=asked["at"])
        except typst.TypstError:
            if not standards:
                raise
        else:
            return made
    raise AssertionError


if __name__ == "__main__":
    main()
