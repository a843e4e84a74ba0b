"""`manage.py prescriptions analyse`: a file at the console becomes JSON, FHIR or CSV, and nothing is kept."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from prescriptions.models import Document
from tests.prescriptions.inbox.papers import pdf


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    path = tmp_path / "ordonnance.pdf"
    path.write_bytes(pdf())
    return path


@pytest.mark.django_db
@pytest.mark.parametrize("format_", ["json", "fhir", "csv"])
def test_analyse(paper: Path, format_: str) -> None:
    """Each format holds both medicines; the database stays as it was."""
    out = io.StringIO()
    call_command("prescriptions", "analyse", str(paper), "--format", format_, stdout=out)
    assert "DOLIPRANE" in out.getvalue()
    assert "SERESTA" in out.getvalue()
    if format_ != "csv":
        assert json.loads(out.getvalue())
    if format_ == "json":
        [first, *_others] = json.loads(out.getvalue())["lines"][0]["products"]
        assert first["name"].startswith("DOLIPRANE")
    assert not Document.objects.exists()


@pytest.mark.django_db
def test_what_cannot_be_read(tmp_path: Path) -> None:
    """A file that isn't there, or isn't one, ends in one sentence."""
    broken = tmp_path / "scan.pdf"
    broken.write_bytes(b"nothing")
    for path in (tmp_path / "nowhere.pdf", broken):
        with pytest.raises(CommandError):
            call_command("prescriptions", "analyse", str(path), stdout=io.StringIO())
