"""Fictitious ordonnances in a real browser: a look, a set, its report, its archive, cases for evaluation; axe."""

from __future__ import annotations

import os
from pathlib import Path
from zipfile import ZipFile

import pytest
from playwright.sync_api import Page, expect

from core import jobs
from tests.e2e.axe import assert_accessible
from tests.e2e.conftest import Site, apart

pytestmark = pytest.mark.e2e
LOOK = os.environ.get("LOOK", "")


def picture(page: Page, name: str) -> None:
    if LOOK:
        Path(LOOK).mkdir(parents=True, exist_ok=True)
        for width in (1440, 390):
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=f"{LOOK}/{name}-{width}.png", full_page=True)
        page.set_viewport_size({"width": 1280, "height": 900})


def test_from_a_look_to_cases(site: Site, tmp_path: Path) -> None:
    """With the keyboard: look at a few first, generate, follow the job, read the report, fetch the archive, use it."""
    page = site.open(f"/projects/{site.world.project.slug}/prescriptions/synthetic/", "researcher", "en")
    expect(page.get_by_text("No set yet")).to_be_visible()
    assert_accessible(page)
    picture(page, "empty")
    page.get_by_role("link", name="New set").press("Enter")
    page.get_by_label("Number of prescriptions").fill("30")
    page.get_by_label("Pages: PDF").press("Space")
    page.get_by_role("button", name="Show a few first").press("Enter")
    expect(page.locator(".rx-previews article")).to_have_count(3)
    expect(page.get_by_role("img", name="Picture of the first page")).to_be_visible()
    expect(page.get_by_label("Number of prescriptions")).to_have_value("30")
    assert_accessible(page)
    picture(page, "preview")
    page.get_by_label("Pages: PDF").press("Space")
    page.get_by_role("button", name="Generate the set").press("Enter")
    page.wait_for_url("**/synthetic/*-*/")
    expect(page.locator("job-progress")).to_be_visible()
    picture(page, "waiting")
    apart(jobs.run_waiting)
    page.reload()
    expect(page.get_by_role("heading", name="Privacy report")).to_be_visible()
    expect(page.get_by_text("Nothing was found that tells of anybody.")).to_be_visible()
    assert_accessible(page)
    picture(page, "set")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download").press("Enter")
    waiting.value.save_as(tmp_path / "set.zip")
    with ZipFile(tmp_path / "set.zip") as archive:
        assert len(archive.read("documents.jsonl").splitlines()) == 30
    page.get_by_label("Part").select_option("")
    page.get_by_role("button", name="Make the set of cases").press("Enter")
    page.wait_for_url("**/evaluation/sets/*/")
    expect(page.get_by_role("heading", name="Fictitious prescriptions 1")).to_be_visible()
    page.goto(f"{site.address}/projects/{site.world.project.slug}/prescriptions/synthetic/")
    expect(page.get_by_role("link", name="Set 1")).to_be_visible()
    assert_accessible(page)
    picture(page, "list")
