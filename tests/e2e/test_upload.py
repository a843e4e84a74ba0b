"""A file that is larger than a page takes: sent by who has signed in, refused unread from who has not."""

from __future__ import annotations

import http.client
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import expect

from core.datasets.models import Upload
from tests.e2e.conftest import Site, apart

pytestmark = pytest.mark.e2e

LINE = "P001;12,5;Réanimation\n"
LINES = 300_000


def test_a_large_file(site: Site, tmp_path: Path) -> None:
    """The browser sends it whole, and shows what was made of it."""
    file = tmp_path / "large.csv"
    file.write_text("patient;lactate;ward\n" + LINE * LINES)
    assert file.stat().st_size > settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    page = site.open(reverse("datasets:upload", args=[site.world.project.slug]))
    page.set_input_files("[name=file]", file)
    page.get_by_label("Titre").fill("Séjours")
    page.locator("[name=name]").fill("stays")
    page.locator(".form-actions .btn-primary").click()
    expect(page.get_by_text("large.csv").first).to_be_visible()
    assert apart(lambda: Upload.objects.get().file.size) == file.stat().st_size


@pytest.mark.parametrize(
    "headers", [{}, {"Cookie": f"{settings.SESSION_COOKIE_NAME}={'a' * 32}"}, {"Authorization": "Bearer suite_a.b"}]
)
def test_a_strangers_file(site: Site, headers: dict[str, str]) -> None:
    """Nobody's session and nobody's token let a large file in: 413, as soon as the server knows."""
    address = urlsplit(site.address)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=60)
    connection.putrequest("POST", reverse("api:datasets:dataset-upload"))
    for name, value in {"Content-Length": str(1 << 30), "Content-Type": "text/csv", **headers}.items():
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    assert (answer.status, answer.getheader("Content-Type")) == (413, "application/problem+json")
    connection.close()
    assert not apart(Upload.objects.exists)
