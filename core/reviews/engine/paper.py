"""The evidence of a closed campaign on paper: PDF/A-2a, the same bytes for the same values."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import typst

ROOT = Path(__file__).parents[3]
TEMPLATE = Path(__file__).with_name("evidence.typ")


@dataclass(frozen=True)
class Paper:
    """What stands on it, in the words of its language."""

    language: str
    title: str
    facts: list[tuple[str, str]]
    """Label and value, in order."""
    heads: list[str]
    """Of the columns of the lines."""
    widths: list[int]
    """How wide each column is beside the others."""
    lines: list[list[str]]
    closing: str
    """What proves it."""
    page: str
    """The word for a page."""


def pdf(paper: Paper, at: datetime) -> bytes:
    """The document; `at` is its date. What is in the values is text, never markup.

    It is made in a process of its own: Typst keeps what it has laid out, 0.13 MB for each line, until its process ends.
    """
    values = json.dumps({"paper": asdict(paper), "at": int(at.timestamp())})
    made = subprocess.run(
        [sys.executable, "-m", __name__], input=values.encode(), capture_output=True, check=True, cwd=ROOT
    )
    return made.stdout


def main() -> None:
    """Take the values from the standard input, give the document to the standard output."""
    given = json.load(sys.stdin)
    made = typst.compile(
        TEMPLATE,
        format="pdf",
        ignore_system_fonts=True,
        pdf_standards=["a-2a"],
        sys_inputs={"paper": json.dumps(given["paper"])},
        timestamp=given["at"],
    )
    sys.stdout.buffer.write(made)


if __name__ == "__main__":
    main()
