"""An export in a real browser: chosen, followed, looked at, downloaded."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from core import jobs
from tests.e2e.axe import assert_accessible
from tests.e2e.conftest import Site, apart
from tests.ecrf.exported import trial

pytestmark = pytest.mark.e2e


def test_an_export_from_its_choices_to_its_file(site: Site) -> None:
    """The manager says what leaves, sees how far it is, reads what the format can't hold and gets the file."""
    apart(lambda: trial(site.world))
    slug = site.world.project.slug
    page = site.open(reverse("ecrf:exports", args=[slug]), "owner", "en")
    expect(page.get_by_text("Nothing was exported yet")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("link", name="Export records").click()
    page.get_by_label("Format").select_option("goupile-xlsx")
    page.get_by_label("De-identified: also without free text").check()
    page.get_by_text("Only some visits, pages or sites").click()
    page.get_by_label("Month 1").check()
    assert_accessible(page)
    page.get_by_role("button", name="Export the records").click()
    expect(page.locator(".job-now")).to_be_visible()
    apart(jobs.run_waiting)
    page.reload()
    expect(page.get_by_role("heading", name="To know before using it")).to_be_visible()
    assert_accessible(page)
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download").click()
    path = waiting.value.path()
    assert path.name
    with zipfile.ZipFile(io.BytesIO(Path(path).read_bytes())) as archive:
        assert "xl/workbook.xml" in archive.namelist()
    page.get_by_role("link", name="Exports").first.click()
    expect(page.get_by_role("row").filter(has_text="de-identified")).to_contain_text("Done")
