"""`python -m prescriptions.engine`: JSON lines `{"id", "type", "text"}` in, the structured fields out, in order.

Needs neither database nor settings. `--reference FILE` takes the names of medicines from what `load_bdpm` wrote.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from prescriptions.engine import LONGEST, encode, read_line, read_ordonnance, starter, summary
from prescriptions.engine.medicines.lexicon import Formulary, Term


def main(arguments: list[str] | None = None) -> int:
    """Read standard input to its end; a line that isn't what is asked for is answered with `error`."""
    options = argparse.ArgumentParser(prog="prescriptions.engine", description=__doc__)
    options.add_argument("--reference", type=Path, help="names of medicines, as written by manage.py load_bdpm")
    chosen = options.parse_args(arguments)
    lexicon = reference(chosen.reference) if chosen.reference else starter()
    failed = 0
    for line in sys.stdin:
        if not line.strip():
            continue
        answer: dict[str, object] = {}
        try:
            asked = json.loads(line)
            answer["id"] = asked.get("id")
            text = asked["text"]
            if not isinstance(text, str) or len(text) > LONGEST:
                raise ValueError(f"text is a string of at most {LONGEST} characters")
            whole = asked.get("type", "line") == "prescription"
            answer |= summary(read_ordonnance(text, lexicon)) if whole else encode(read_line(text, lexicon).medication)
        except (ValueError, KeyError, AttributeError, TypeError) as error:
            failed += 1
            answer["error"] = f"{type(error).__name__}: {error}"
        sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
    return 1 if failed else 0


def reference(path: Path) -> Formulary:
    """The names in a reference file: a JSON array of [name, ATC, kind]."""
    rows = json.loads(path.read_text(encoding="utf-8"))
    return Formulary(tuple(Term(name, atc, kind, "bdpm") for name, atc, kind in rows))


if __name__ == "__main__":
    sys.exit(main())
