"""A file's name is a text: it makes no path and breaks no header."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory
from rest_framework.test import APIClient

from core import files
from core.access.demo import World
from core.files import streams
from core.files.models import StoredFile

NAMES = [
    "../../../../etc/cron.d/evil.csv",
    "..\\..\\evil.csv",
    "/etc/passwd",
    "a\r\nSet-Cookie: x=1.csv",
    'a"; filename="evil.exe',
    "é" * 200 + ".csv",
    "",
    ".",
    "CON",
]


def on_disk() -> set[Path]:
    return {path for path in Path(settings.DATA_DIR).rglob("*") if path.is_file() and "files" in path.parts}


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_a_name_is_no_path(world: World, name: str) -> None:
    """Whatever a file is called, its bytes lie below the files' folder under a name of ours."""
    before = on_disk()
    stored = files.store(world.user["owner"], world.project, [b"x"], name=name or "x")
    (made,) = on_disk() - before
    assert name not in str(made) or not name.strip(".")
    assert "evil" not in str(made)
    with files.open(StoredFile.objects.get(pk=stored.pk)) as file:
        assert file.read() == b"x"


@pytest.mark.parametrize("name", [name for name in NAMES if name != "."], ids=range(len(NAMES) - 1))
def test_an_upload_is_known_by_the_last_part_of_its_name(
    world: World, api_of: Callable[[str], APIClient], name: str
) -> None:
    """Folders in the name of what is sent are left aside, and an answer bears none of its line breaks."""
    sent = SimpleUploadedFile(name or "x", b"a,b\n1,2\n")
    sent.name = name or "x"
    answer = api_of("owner").post(
        "/api/v1/datasets/upload/", {"project": world.project.slug, "name": "t", "file": sent}, format="multipart"
    )
    assert answer.status_code < 500
    assert "Set-Cookie" not in answer.headers
    assert "../" not in answer.content.decode()


@pytest.mark.parametrize("name", ['a"b.csv', "é.csv", "a\\b.csv", "a b;c.csv"])
def test_a_download_has_a_name_of_ours(name: str) -> None:
    """Names in headers are quoted and encoded (RFC 6266); a line break is refused."""
    answer = streams.send(RequestFactory().get("/"), iter([b"x"]), name=name, media_type="text/csv")
    said = answer["Content-Disposition"]
    assert said.startswith("attachment; filename")
    assert said.isascii()
    assert said.count('"') - said.count('\\"') in (0, 2)
