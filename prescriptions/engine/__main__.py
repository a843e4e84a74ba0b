"""`python -m prescriptions.engine`: JSON lines `{"id", "type", "text"}` in, the structured fields out, in order.

Needs neither database nor settings. `--reference FILE` reads with the medicines that `load_bdpm` wrote. A medicine that
is a known product has its `cis`, and `products`: at most five, the likeliest first.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from prescriptions.engine import LONGEST, encode, linking, read_line, read_ordonnance, summary
from prescriptions.engine.reference import storing
from prescriptions.engine.reference.catalogue import Reference
from prescriptions.engine.reference.official import Unreadable
from prescriptions.engine.reference.starting import starter
from prescriptions.engine.schema import Line


def main(arguments: list[str] | None = None) -> int:
    """Read standard input to its end; a line that isn't what is asked for is answered with `error`."""
    options = argparse.ArgumentParser(prog="prescriptions.engine", description=__doc__)
    options.add_argument("--reference", type=Path, help="medicines, as written by manage.py load_bdpm --write")
    chosen = options.parse_args(arguments)
    try:
        reference = storing.read(chosen.reference) if chosen.reference else starter()
    except Unreadable as error:
        sys.stderr.write(f"{chosen.reference}: {error}\n")
        return 2
    written = json.JSONEncoder(ensure_ascii=False).encode
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
            answer |= (
                of_ordonnance(text, reference) if whole else of_line(read_line(text, reference.lexicon), reference)
            )
        except (ValueError, KeyError, AttributeError, TypeError) as error:
            failed += 1
            answer["error"] = f"{type(error).__name__}: {error}"
        sys.stdout.write(written(answer) + "\n")
    return 1 if failed else 0


def of_ordonnance(text: str, reference: Reference) -> dict[str, Any]:
    """The fields of a whole prescription."""
    found = read_ordonnance(text, reference.lexicon)
    return summary(found) | {"medications": [of_line(line, reference) for line in found.lines]}


def of_line(line: Line, reference: Reference) -> dict[str, Any]:
    """The fields of a line, with the products that it may mean."""
    links = linking.link_line(line, reference)
    shown: dict[str, Any] = encode(linking.coded_by(links, line, reference).medication)
    if links:
        shown |= {"cis": links[0].product.cis, "products": linking.told(links)}
    return shown


if __name__ == "__main__":
    sys.exit(main())
