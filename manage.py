#!/usr/bin/env python3
"""The suite's commands. `up`, `down`, `status` and `reset` need no settings; the others find the services ready."""

from __future__ import annotations

import os
import sys

from core import embedded


def main(argv: list[str]) -> None:
    embedded.prepare(os.environ)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "core.config.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(argv)


if __name__ == "__main__":
    main(sys.argv)
