"""PDF/A-2a of a template beside this module. What is in the values is text, never markup."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import typst

from prescriptions.engine.schedule.pictures import DRAWN, svg

ROOT = Path(__file__).parents[3]
HERE = Path(__file__).parent


def pdf(template: str, values: dict[str, Any], at: int) -> bytes:
    """The document; `at` is its date in seconds since 1970: the same values make the same bytes.

    It is made in a process of its own, since Typst keeps what it has laid out until its process ends.
    """
    given = json.dumps({"template": template, "values": values, "at": at})
    made = subprocess.run(
        [sys.executable, "-m", __name__], input=given.encode(), capture_output=True, check=True, cwd=ROOT
    )
    return made.stdout


def main() -> None:
    """Take the values from the standard input, give the document to the standard output."""
    given = json.load(sys.stdin)
    pictures = {name: svg(name, colour="#111111") for name in DRAWN}
    made = typst.compile(
        (HERE / f"{given['template']}.typ").read_bytes(),
        format="pdf",
        ignore_system_fonts=True,
        pdf_standards=["a-2a"],
        sys_inputs={"values": json.dumps(given["values"]), "pictures": json.dumps(pictures)},
        timestamp=given["at"],
    )
    sys.stdout.buffer.write(made)


if __name__ == "__main__":
    main()
