"""Papers to PDF, in a process of its own: Typst keeps what it has laid out until its process ends."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[4]
TEMPLATE = Path(__file__).with_name("ordonnance.typ")
AT = 1_767_225_600
"""The date written into every file (2026-01-01): the same paper gives the same bytes."""


def pdfs(papers: Sequence[dict[str, Any]], fonts: Path) -> list[bytes]:
    """One PDF for each paper. Raises CalledProcessError where Typst doesn't take one."""
    given = json.dumps({"papers": list(papers), "fonts": str(fonts)})
    made = subprocess.run(
        [sys.executable, "-m", __name__], input=given.encode(), capture_output=True, check=True, cwd=ROOT
    )
    return [base64.b64decode(one) for one in json.loads(made.stdout)]


def main() -> None:
    """Take the papers from the standard input, give the documents to the standard output."""
    import typst

    given = json.load(sys.stdin)
    compiler = typst.Compiler(str(TEMPLATE), font_paths=[given["fonts"]], ignore_system_fonts=True)
    made: list[str] = []
    for paper in given["papers"]:
        pdf: Any = compiler.compile(format="pdf", sys_inputs={"paper": json.dumps(paper)}, timestamp=AT)
        made.append(base64.b64encode(pdf).decode())
    json.dump(made, sys.stdout)


if __name__ == "__main__":
    main()
