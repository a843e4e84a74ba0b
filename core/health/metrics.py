"""Metrics for Prometheus: requests and process from its libraries, and one line per check of the instance's health."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

from core.health import checks
from core.tool import Level


class Findings:
    """Asks the checks when Prometheus asks us."""

    def collect(self) -> Iterator[Metric]:
        family = GaugeMetricFamily(
            "suite_check_good", "1 where the check found nothing wrong.", labels=["check", "level"]
        )
        for finding in checks.all_findings():
            family.add_metric([finding.name, finding.level], float(finding.level is Level.GOOD))
        yield family


def page() -> bytes:
    own = CollectorRegistry()
    own.register(Findings())
    return generate_latest(REGISTRY) + generate_latest(own)
