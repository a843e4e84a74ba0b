"""Metrics for Prometheus: requests and process from its libraries, and one line per check of the instance's health."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator

from django.utils.module_loading import import_string
from prometheus_client import REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector

from core import tool
from core.errors import place_of
from core.health import checks
from core.tool import Level, Measure

logger = logging.getLogger(__name__)


class Findings:
    """Asks the checks when Prometheus asks us."""

    def collect(self) -> Iterator[Metric]:
        family = GaugeMetricFamily(
            "suite_check_good", "1 where the check found nothing wrong.", labels=["check", "level"]
        )
        for finding in checks.all_findings():
            family.add_metric([finding.name, finding.level], float(finding.level is Level.GOOD))
        yield family
        yield from measured()


def measured() -> Iterator[Metric]:
    """What the rooms and tools measure, one family per name."""
    families: dict[str, GaugeMetricFamily] = {}
    for name in (name for room in tool.rooms() for name in room.metrics):
        for measure in asked(name):
            family = families.setdefault(
                measure.name, GaugeMetricFamily(measure.name, measure.help, labels=list(measure.labels))
            )
            family.add_metric(list(measure.labels.values()), measure.value)
    yield from families.values()


def asked(name: str) -> list[Measure]:
    """What a function measures; nothing where it breaks, so that the others are still heard in an outage."""
    try:
        return list(import_string(name)())
    except Exception as error:
        logger.error("the measure %s broke: %s at %s", name, type(error).__qualname__, place_of(error))
        return []


def counted() -> CollectorRegistry:
    """What the requests were counted as: by all web processes together, where they share a folder for it."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    together = CollectorRegistry()
    MultiProcessCollector(together)  # type: ignore[no-untyped-call]
    return together


def page() -> bytes:
    own = CollectorRegistry()
    own.register(Findings())
    return generate_latest(counted()) + generate_latest(own)
