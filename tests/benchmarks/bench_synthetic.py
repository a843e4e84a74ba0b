"""Fictitious ordonnances: documents and pages a second, and the whole job with its memory.

DOCUMENTS=100000 python -m pytest tests/benchmarks/bench_synthetic.py -o python_files='bench_*.py' --capture=no
"""

from __future__ import annotations

import os
import resource
import time
from pathlib import Path

import pytest

from core import jobs
from core.access.demo import World
from prescriptions import making, services
from prescriptions.engine.synthetic import output
from prescriptions.engine.synthetic.profiles import MIX
from prescriptions.models import Generation
from prescriptions.services.synthetic import Wanted

DOCUMENTS = int(os.environ.get("DOCUMENTS", "2000"))
PAGES = int(os.environ.get("PAGES", "40"))
MOST_GROWTH = 200.0
"""MiB that the job may take more than before, however many documents."""


def peak() -> float:
    """The most memory this process has had, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def rate(count: int, started: float) -> str:
    seconds = time.perf_counter() - started
    return f"{count} in {seconds:.1f} s: {count / seconds:.1f}/s"


def test_documents() -> None:
    """Drawing and wording alone, then with everything that a document is written as but its pages."""
    generator = making.generator("1", tuple(MIX))
    count = min(DOCUMENTS, 2000)
    started = time.perf_counter()
    assert sum(1 for _ in generator.documents(0, count)) == count
    print(f"\ndrawn: {rate(count, started)}")
    started = time.perf_counter()
    size = sum(len(content) for _name, content in output.members(generator.documents(0, count), ("brat", "fhir")))
    print(f"written: {rate(count, started)}, {size / count / 1024:.1f} KiB each")


@pytest.mark.parametrize("wear", ["clean", "scan", "fax", "photo", "mixed"])
def test_pages(tmp_path: Path, wear: str) -> None:
    """Pages set, drawn at 200 dpi, worn and packed, with their boxes."""
    documents = making.generator("1", tuple(MIX)).documents(0, PAGES)
    started, pages, size = time.perf_counter(), 0, 0
    for name, content in output.members(documents, ("pages",), making.printer(tmp_path, wear)):
        pages += name.endswith((".png", ".jpg"))
        size += len(content) if name.startswith("pages/") else 0
    print(f"\n{wear} pages: {rate(pages, started)}, {size / PAGES / 1024:.0f} KiB a document")


def test_job(world: World) -> None:
    """The whole job, from the request to the archive and the datasets, in bounded memory."""
    before, started = peak(), time.perf_counter()
    made, _job = services.start_generation(world.user["researcher"], world.project, Wanted(DOCUMENTS))
    jobs.run_waiting()
    held = Generation.objects.select_related("file").get(pk=made.pk)
    assert held.file is not None
    assert held.passed
    print(f"\njob: {rate(DOCUMENTS, started)}, archive {held.file.size / 2**20:.0f} MiB, "
          f"memory {before:.0f} -> {peak():.0f} MiB")  # fmt: skip
    assert peak() - before < MOST_GROWTH
