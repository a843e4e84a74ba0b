"""From an empty project to a file that came back, as a person does it: with a browser, and a machine's own program."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from backup.engine.agent import holding
from backup.models import Agent, Plan
from tests.backup.agents.machines import Computer
from tests.backup.test_ceremony import begin, choose, downloaded
from tests.e2e.conftest import apart, chromium, server, site  # noqa: F401 (fixtures)

if TYPE_CHECKING:
    from pytest_django import Settings

    from tests.e2e.conftest import Site


@pytest.mark.e2e
def test_from_nothing_to_a_file_that_came_back(site: Site, settings: Settings, tmp_path: Path) -> None:  # noqa: F811
    """A repository is founded, a machine enrolled, given its key and planned for, its run watched, a file restored.

    Whatever left the browser on the whole way holds nothing of the key.
    """
    settings.BACKUP_FOLDERS = [tmp_path]
    computer = Computer(tmp_path / "computer")
    page, left = begin(site, "en", 1440)
    page.add_init_script("delete window.showSaveFilePicker")  # a dialog of the system
    key = found_repository(page)
    enrol(page, site, computer)
    hand_over(page, key)
    plan(page, computer)
    page.get_by_role("button", name="Back up now").click()
    worker = computer.start("agent", "run")
    try:
        expect(page.get_by_text("Done", exact=True).first).to_be_visible(timeout=60_000)
    finally:
        worker.terminate()
        assert worker.wait(30) == 0
    page.get_by_role("link", name="Open the backup").click()
    page.get_by_role("link", name="Open its files").first.click()
    page.set_input_files("#keyfile", {"name": "k", "mimeType": "text/plain", "buffer": key.encode()})
    page.locator("#reason").fill("A letter is missing")
    page.get_by_role("button", name="Open the backup").click()
    page.locator("#query").fill("a.txt")
    page.locator("#query").press("Enter")
    page.locator("[data-part=list]").get_by_role("button", name="a.txt", exact=True).click()
    with page.expect_download() as coming:
        page.get_by_role("button", name="Download", exact=True).click()
    assert Path(coming.value.path()).read_bytes() == (computer.data / "letters" / "a.txt").read_bytes()
    left.holds_nothing_of(key)


def found_repository(page: Page) -> str:
    """The master key, made in the browser and kept in its file."""
    page.get_by_label("Name", exact=True).fill("Vault")
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Make the key").click()
    key = downloaded(page, "Download the key")
    page.get_by_role("button", name="I have kept it").click()
    choose(page, key)
    expect(page.get_by_role("heading", name="The repository is ready")).to_be_visible()
    return key


def enrol(page: Page, site: Site, computer: Computer) -> None:  # noqa: F811
    page.goto(site.address + reverse("backup:agent-create", args=[site.world.project.slug]))
    page.get_by_label("Name").fill("Ward 3")
    page.get_by_role("button", name="Show the code").click()
    code = page.locator("#enrol-command").inner_text().split()[-1]
    computer("agent", "enrol", site.address, code)
    agent = apart(Agent.objects.get)
    page.goto(site.address + agent.get_absolute_url())
    expect(page.get_by_text(holding.mark(bytes.fromhex(agent.seal_to)))).to_be_visible()


def hand_over(page: Page, key: str) -> None:
    """The browser makes the agent's key from the master key, and delivers it sealed to the machine."""
    page.set_input_files("#master-file", {"name": "k", "mimeType": "text/plain", "buffer": key.encode()})
    page.get_by_role("button", name="Make its key").click()
    expect(page.get_by_text("The key is on its way")).to_be_visible()


def plan(page: Page, computer: Computer) -> None:
    page.get_by_role("link", name="Plan").last.click()
    page.get_by_label("Name", exact=True).fill("Every night")
    page.get_by_label("Source", exact=True).fill("ward 3")
    page.get_by_label("Folders and files").fill(str(computer.data))
    page.get_by_role("button", name="Save the plan").click()
    expect(page.get_by_role("heading", name="Every night")).to_be_visible()
    assert apart(lambda: Plan.objects.get().paths) == [str(computer.data)]
