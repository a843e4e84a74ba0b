#!/usr/bin/env python3
"""The suite's commands. `up`, `down`, `status` and `reset` need no settings; the others find the services ready."""

from __future__ import annotations

import os
import sys

from core import embedded
from core.context import Context, current
from core.embedded.commands import BEFORE_DJANGO


def main(argv: list[str]) -> int:
    if len(argv) > 1 and argv[1] in BEFORE_DJANGO:
        return BEFORE_DJANGO[argv[1]](os.environ, argv[2:])
    embedded.prepare(os.environ)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "core.config.settings")
    from django.core.management import execute_from_command_line

    mark = current.set(Context(channel="command"))
    try:
        execute_from_command_line(argv)
    finally:
        current.reset(mark)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
