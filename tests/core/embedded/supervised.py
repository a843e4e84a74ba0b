"""A supervisor over children that only speak, run by the tests: `supervised.py NAME=PYTHON...`."""

from __future__ import annotations

import logging
import os
import sys

from core.embedded.children import Child
from core.embedded.supervisor import Supervisor


def main(words: list[str]) -> None:
    logging.basicConfig(stream=sys.stdout, format="%(name)s %(message)s", level=logging.INFO)
    children = []
    for word in words:
        name, _, code = word.partition("=")
        patience = 1 if "SIG_IGN" in code else 20
        children.append(Child(name, [sys.executable, "-u", "-c", code], os.environ, patience=patience))

    def until_ready() -> bool:
        print("asked", flush=True)
        return True

    Supervisor(children).run(until_ready)


if __name__ == "__main__":
    main(sys.argv[1:])
