"""Sets about pages: each run reads the pages anew, in the sandbox, and tells how well."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from core import jobs
from core.access.demo import World
from core.errors import Invalid
from core.files.models import StoredFile
from prescriptions import engine, paged, services
from prescriptions.models import CaseSet, Run
from tests.prescriptions.inbox.papers import ROWS, archive, pdf

TEXT = "\n".join(ROWS)
PAGE = "pages/1.pdf"


def case(number: int, **more: Any) -> str:
    found = engine.read_ordonnance(TEXT)
    given = {"id": f"P{number}", "type": "prescription", "text": TEXT, "expected": engine.summary(found)}
    return json.dumps(given | {"page": PAGE, "condition": "clean"} | more)


def zipped(*cases: str, pages: Mapping[str, bytes] | None = None) -> bytes:
    return archive({paged.CASES: "\n".join(cases).encode(), **({PAGE: pdf()} if pages is None else pages)})


def test_a_run_reads_the_pages(world: World) -> None:
    """Characters, words, digits and lines are measured on what was read from the page, and the lines judged by it."""
    kept = services.add_pages(world.user["researcher"], world.project, "Pages", io.BytesIO(zipped(case(1))))
    run, _job = services.start_run(world.user["researcher"], kept, "grammar")
    jobs.run_waiting()
    run = Run.objects.select_related("case_set__project").get(pk=run.pk)
    assert run.report["optical"]["clean"] == {
        "pages": 1, "cer": 0.0, "wer": 0.0, "line_exact": 1.0, "digits_exact": 1.0, "micro_exact": None
    }  # fmt: skip
    assert run.report["line_exact"] == 1.0


def test_a_page_that_cannot_be_read(world: World) -> None:
    """It counts as read with nothing on it: every character is wrong, every line is missing."""
    data = zipped(case(1), pages={PAGE: b"nothing of a page"})
    kept = services.add_pages(world.user["researcher"], world.project, "Pages", io.BytesIO(data))
    run, _job = services.start_run(world.user["researcher"], kept, "grammar")
    jobs.run_waiting()
    run = Run.objects.select_related("case_set__project").get(pk=run.pk)
    assert run.report["optical"]["clean"]["cer"] == 1.0
    assert run.report["missing"] == 2


BAD: dict[str, Callable[[], bytes]] = {
    "no_cases": lambda: archive({"other.jsonl": b"{}"}),
    "no_page": lambda: zipped(case(1), pages={}),
    "page": lambda: zipped(case(1, type="line"), case(2, read="x"), case(3, page=7)),
    "encoding": lambda: archive({paged.CASES: b"\xff\xfe"}),
    "bad_name": lambda: archive({"../x": b"x"}),
}


@pytest.mark.parametrize("code", BAD)
def test_what_is_no_set_of_pages(world: World, code: str) -> None:
    """Refused whole, with every fault; nothing of it is kept."""
    with pytest.raises(Invalid) as caught:
        services.add_pages(world.user["researcher"], world.project, "Pages", io.BytesIO(BAD[code]()))
    assert {fault.code for fault in caught.value.faults} == {code}
    assert not CaseSet.objects.exists()
    assert not StoredFile.objects.filter(kind="case-pages").exists()


def test_pages_without_their_archive(world: World) -> None:
    """Cases that name a page are refused as a file of texts."""
    with pytest.raises(Invalid):
        services.add_set(world.user["researcher"], world.project, "Pages", case(1).encode())


def test_deleting(world: World) -> None:
    """The pages go with the set."""
    kept = services.add_pages(world.user["researcher"], world.project, "Pages", io.BytesIO(zipped(case(1))))
    services.delete_set(world.user["researcher"], kept)
    assert StoredFile.objects.get(kind="case-pages").erased_at is not None


def test_on_the_page(world: World, client_of: Callable[[str], Client]) -> None:
    """The form takes the archive; the page of the run shows what was read of the pages."""
    client = client_of("researcher")
    file = SimpleUploadedFile("pages.zip", zipped(*map(case, range(5))))
    address = reverse("prescriptions:new_case_set", args=[world.project.slug])
    answer = client.post(address, {"name": "Pages", "file": file})
    assert answer.status_code == 302
    run, _job = services.start_run(world.user["researcher"], CaseSet.objects.get(), "grammar")
    jobs.run_waiting()
    assert 'id="optical-title"' in client.get(run.get_absolute_url()).content.decode()
    bad = SimpleUploadedFile("pages.zip", zipped(*map(case, range(5)), pages={}))
    answer = client.post(address, {"name": "Other", "file": bad})
    assert answer.status_code == 422
    assert "pages/1.pdf" in answer.content.decode()


@pytest.mark.django_db
def test_by_command(tmp_path: Path) -> None:
    """The command measures an archive of which nothing is kept; one without cases is refused in words."""
    path = tmp_path / "set.zip"
    path.write_bytes(zipped(case(1), case(2, condition="scan")))
    out = io.StringIO()
    call_command("prescriptions", "evaluate", str(path), "--reference", "starter", "--json", stdout=out)
    assert set(json.loads(out.getvalue())["optical"]) == {"clean", "scan"}
    path.write_bytes(archive({"x": b"x"}))
    with pytest.raises(CommandError):
        call_command("prescriptions", "evaluate", str(path), "--reference", "starter")
