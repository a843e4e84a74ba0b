"""Run the checks that the rooms and tools declare."""

from __future__ import annotations

import logging

from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from core import tool
from core.health import services
from core.tool import Finding, Level

logger = logging.getLogger(__name__)

ESSENTIAL = (services.database, services.valkey, services.migrations)
"""Without these nobody can be served."""


def essential() -> list[Finding]:
    return [check() for check in ESSENTIAL]


def all_findings() -> list[Finding]:
    """What every check of every room and tool says now."""
    return [run(name) for room in tool.rooms() for name in room.health]


def controls() -> list[tuple[Finding, str]]:
    """What every control of the installation says now, with the requirements it answers to."""
    return [(run(name), source) for room in tool.rooms() for name, source in room.controls.items()]


def run(name: str) -> Finding:
    """A check that breaks is itself a finding: it must not hide what the others say."""
    try:
        finding = import_string(name)()
    except Exception:
        logger.exception("The check %s broke", name)
        return Finding(name, Level.FAILED, _("The check itself broke; the log says why."))
    assert isinstance(finding, Finding)
    return finding


def worst(findings: list[Finding]) -> Level:
    order = list(Level)
    return max((finding.level for finding in findings), key=order.index, default=Level.GOOD)
