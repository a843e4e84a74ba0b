"""Entering data without a network, in a real browser that is closed, reopened and cut off."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, expect

from ecrf import services
from ecrf.engine import Sheet
from ecrf.models import Entry, Fragment, OfflineDevice, Query, Subject
from tests.e2e.axe import assert_accessible
from tests.e2e.conftest import ARGUMENTS, VIEWPORTS, Server, Site, apart, sign_in
from tests.ecrf.conftest import Study
from tests.ecrf.visits import publish

pytestmark = pytest.mark.e2e
CODE = "quatre mouettes sur le quai"


class Own(Server):
    """A server of this test's own, that can be stopped and started again at the same address."""

    thread: threading.Thread
    listener: socket.socket


def started(port: int = 0) -> Own:
    from core.config.asgi import application

    listener = socket.create_server(("127.0.0.1", port))
    server = Own(uvicorn.Config(application, log_level="warning", lifespan="off", ws="websockets-sansio"))
    server.started_event = threading.Event()
    server.listener = listener
    server.thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    server.thread.start()
    assert server.started_event.wait(20), "the server did not start"
    server.address = f"http://localhost:{listener.getsockname()[1]}"
    return server


def stopped(server: Own) -> int:
    """Stop it for good; gives its port."""
    port = int(server.address.rpartition(":")[2])
    server.force_exit = server.should_exit = True
    server.thread.join(30)
    server.listener.close()
    return port


@dataclass
class Tablet:
    """A browser whose profile stays on the disk when it is closed."""

    site: Site
    profile: Path
    address: str
    width: int
    study: Study
    context: BrowserContext | None = None

    @property
    def offline(self) -> str:
        return self.address + reverse("ecrf:offline", args=[self.study.world.project.slug])

    def open(self, path: str = "") -> Page:
        context = self.site.browser.browser_type.launch_persistent_context(
            self.profile,
            executable_path=os.environ.get("CHROMIUM") or "/usr/bin/chromium",
            args=ARGUMENTS,
            viewport=VIEWPORTS[self.width],
            locale="en",
            reduced_motion="reduce",
            has_touch=self.width < 600,
            is_mobile=self.width < 600,
        )
        self.context = context
        if not any(cookie["name"] == settings.SESSION_COOKIE_NAME for cookie in context.cookies()):
            session = apart(lambda: sign_in(self.study.world.user["member"], "en"))
            given: Any = [
                {"name": settings.LANGUAGE_COOKIE_NAME, "value": "en", "url": self.address},
                {"name": settings.SESSION_COOKIE_NAME, "value": session, "url": self.address, "expires": 2**31 - 1},
            ]
            context.add_cookies(given)
        page = context.pages[0]
        page.goto(path or self.offline)
        return page

    def close(self) -> None:
        if self.context is not None:
            self.context.close()
            self.context = None


@pytest.fixture
def study(site: Site) -> Study:
    def build() -> Study:
        world = site.world
        return Study(
            world,
            publish(world),
            services.include_subject(world.user["member"], world.site_a),
            services.include_subject(world.user["other_site"], world.site_b),
        )

    return apart(build)


@pytest.fixture(params=[1440, 390])
def tablet(request: pytest.FixtureRequest, site: Site, study: Study, tmp_path: Path) -> Iterator[Tablet]:
    tablet = Tablet(site, tmp_path / "profile", site.address, request.param, study)
    yield tablet
    tablet.close()


def look(page: Page, name: str) -> None:
    """Keep a picture where somebody wants to look."""
    if folder := os.environ.get("LOOK"):
        page.screenshot(path=Path(folder) / f"{name}-{page.viewport_size['width']}.png", full_page=True)  # type: ignore[index]


def made_ready(page: Page) -> None:
    page.get_by_label("Offline code", exact=True).fill("short")
    page.get_by_role("button", name="Make this device ready").click()
    expect(page.locator("#offline-code-said")).to_contain_text("12 characters")
    page.get_by_label("Offline code", exact=True).fill(CODE)
    page.get_by_label("The code once more").fill(CODE)
    page.get_by_role("button", name="Make this device ready").click()
    expect(page.get_by_role("heading", name="On this device")).to_be_visible()


def saved(page: Page) -> None:
    expect(page.locator("[data-save-state]")).to_contain_text("not sent yet")


CLEAR = """async () => {
  const asked = (request) => new Promise((done) => (request.onsuccess = () => done(request.result)));
  const words = (part) => (part instanceof ArrayBuffer || ArrayBuffer.isView(part) ? new TextDecoder("latin1").decode(part) : JSON.stringify(part));
  const found = [JSON.stringify(localStorage), JSON.stringify(sessionStorage)];
  for (const { name } of await indexedDB.databases()) {
    const db = await asked(indexedDB.open(name));
    for (const store of db.objectStoreNames) {
      const rows = db.transaction(store).objectStore(store);
      const [keys, all] = await Promise.all([asked(rows.getAllKeys()), asked(rows.getAll())]);
      found.push(name, JSON.stringify(keys), ...all.flatMap((row) => Object.values(row).map(words)));
    }
    db.close();
  }
  for (const name of await caches.keys())
    for (const request of await (await caches.open(name)).keys()) {
      const answer = await caches.match(request);
      found.push(request.url, /html|json/.test(answer.headers.get("content-type")) ? await answer.text() : "");
    }
  return found.join("\\n");
}"""  # noqa: E501
"""All that the device holds in the clear: names and rows of its stores, caches, local and session storage."""


def test_a_day_without_a_network(tablet: Tablet, study: Study) -> None:
    """Taken along, the server stopped, filled in, the browser closed and reopened, a subject included, sent, merged."""
    own = started()
    try:
        tablet.address = own.address
        page = tablet.open()
        look(page, "welcome")
        assert_accessible(page)
        made_ready(page)
        page.get_by_label("BRO-001").check()
        page.get_by_role("button", name="Take offline").click()
        card = page.get_by_role("region", name="BRO-001")
        expect(card).to_be_visible()
        page.wait_for_function("navigator.serviceWorker.ready.then((one) => one.active.state === 'activated')")
        look(page, "taken")
        assert_accessible(page)

        port = stopped(own)
        card.get_by_role("button", name="Inclusion").click()
        page.get_by_label("Weight").fill("80.5")
        page.get_by_label("Lactate").fill("2")
        look(page, "sheet")
        page.get_by_role("button", name="Save and complete the page").click()
        saved(page)
        page.get_by_role("button", name="Back to the list").click()
        card.get_by_role("button", name="Month 1").click()
        page.get_by_label("Weight").fill("82")
        page.get_by_role("button", name="Save", exact=True).click()
        saved(page)
        expect(page.locator("#item-gain")).to_contain_text("1.5")
        page.get_by_label("Lactate").fill("3.25")
        page.wait_for_function("indexedDB.databases().then((all) => all.length > 0)")
        tablet.close()

        apart(
            lambda: services.save_entry(
                study.world.user["owner"], study.subject, study.form, 0, {"weight": "79"}, sheet=Sheet("inclusion")
            )
        )
        page = tablet.open()
        expect(page.locator("[data-unsent]")).to_contain_text("2 pieces of work")
        look(page, "locked")
        page.get_by_label("Offline code").fill("another code of mine")
        page.get_by_role("button", name="Open").click()
        expect(page.get_by_role("alert")).to_contain_text("isn’t the code")
        page.get_by_label("Offline code").fill(CODE)
        page.get_by_role("button", name="Open").click()
        page.get_by_role("region", name="BRO-001").get_by_role("button", name="Month 1").click()
        expect(page.get_by_label("Lactate")).to_have_value("3.25")
        page.get_by_role("button", name="Save", exact=True).click()
        saved(page)
        page.get_by_role("button", name="Back to the list").click()
        page.get_by_role("button", name="Include a subject").click()
        new = page.get_by_role("region", name="New subject 1")
        new.get_by_role("button", name="Inclusion").click()
        page.get_by_label("Weight").fill("64")
        page.get_by_role("button", name="Save", exact=True).click()
        saved(page)
        page.get_by_role("button", name="Back to the list").click()
        expect(page.locator("[data-unsent]").first).to_contain_text("5 pieces of work")
        look(page, "waiting")
        held = page.evaluate(CLEAR)
        for clear in ("BRO-001", "80.5", "3.25", "weight", str(study.subject.pk), CODE):
            assert clear not in held, clear

        own = started(port)
        page.get_by_role("button", name="Send now").click()
        expect(page.locator("[data-unsent]").first).to_contain_text("Everything is sent")
        expect(page.locator("[data-told]")).to_contain_text("Weight")
        expect(page.get_by_role("region", name="BRO-002")).to_be_visible()
        look(page, "sent")
        assert_accessible(page)
    finally:
        tablet.close()
        stopped(own)

    def kept() -> dict[tuple[str, str], Any]:
        found = Entry.objects.select_related("subject__project")
        return {(entry.subject.number, entry.event): entry.values for entry in found}

    values = apart(kept)
    assert values["BRO-001", "inclusion"]["weight"] == "79"
    assert values["BRO-001", "inclusion"]["lactate"] == "2"
    assert (values["BRO-001", "month_1"]["weight"], values["BRO-001", "month_1"]["lactate"]) == ("82", "3.25")
    assert values["BRO-002", "inclusion"]["weight"] == "64"
    assert apart(lambda: Query.objects.get(kind="merge").item) == "weight"
    assert apart(lambda: Fragment.objects.filter(source="offline").count()) == 4


def test_when_things_go_wrong(site: Site, study: Study, tmp_path: Path) -> None:
    """Killed in mid-save, nothing is half there; a rescue file opens elsewhere; an emptied browser says so."""
    tablet = Tablet(site, tmp_path / "profile", site.address, 390, study)
    try:
        page = tablet.open(f"{site.address}{study.subject.get_absolute_url()}")
        page.get_by_role("link", name="Take offline").click()
        made_ready(page)
        card = page.get_by_role("region", name="BRO-001")
        expect(card).to_be_visible()
        page.wait_for_function("navigator.serviceWorker.ready.then((one) => one.active.state === 'activated')")
        assert tablet.context is not None
        tablet.context.set_offline(True)
        card.get_by_role("button", name="Inclusion").click()
        page.get_by_label("Weight").fill("70")
        page.get_by_role("button", name="Save", exact=True).click()
        saved(page)
        page.get_by_label("Lactate").fill("2.5")
        page.get_by_role("button", name="Save", exact=True).click(no_wait_after=True)
        tablet.close()  # in the middle of it: the piece is whole, or the draft is there
        page = tablet.open()
        tablet.context.set_offline(True)
        page.get_by_label("Offline code").fill(CODE)
        page.get_by_role("button", name="Open").click()
        card = page.get_by_role("region", name="BRO-001")
        card.get_by_role("button", name="Inclusion").click()
        expect(page.get_by_label("Lactate")).to_have_value("2.5")
        expect(page.get_by_label("Weight")).to_have_value("70")
        save = page.get_by_role("button", name="Save", exact=True)
        if save.is_enabled():
            save.click()
        saved(page)
        page.get_by_role("button", name="Back to the list").click()
        expect(page.locator("[data-unsent]").first).to_contain_text("2 pieces of work")

        page.get_by_text("Rescue, remove, storage").click()
        look(page, "rescue")
        assert_accessible(page)
        page.locator("#rescue-code").fill(CODE)
        with page.expect_download() as download:
            page.get_by_role("button", name="Save the rescue file").click()
        rescued = tmp_path / "rescue.ecrf-rescue"
        download.value.save_as(rescued)
        assert "BRO-001" not in rescued.read_text()

        tablet.context.route("**/offline/sync/", lambda route: route.abort())
        tablet.context.set_offline(False)
        home = tablet.context.new_page()
        home.goto(f"{site.address}/")
        expect(home.locator("#unsent")).to_contain_text("2")
        look(home, "badge")
        home.locator(".account-menu summary").click()
        home.get_by_role("button", name="Sign out").click()
        expect(home.locator("#unsent-dialog")).to_contain_text("isn’t sent yet")
        look(home, "sign-out")
        home.keyboard.press("Escape")
        home.close()

        manager = site.open(reverse("ecrf:offline", args=[study.world.project.slug]), "owner", language="en")
        made_ready(manager)
        manager.get_by_text("Rescue, remove, storage").click()
        manager.locator("#rescue-file").set_input_files(rescued)
        manager.locator("#rescue-open").fill("not this one at all")
        manager.get_by_role("button", name="Send what it holds").click()
        expect(manager.locator("[data-fault]")).to_contain_text("can’t be opened")
        manager.locator("#rescue-file").set_input_files(rescued)
        manager.locator("#rescue-open").fill(CODE)
        manager.get_by_role("button", name="Send what it holds").click()
        expect(manager.get_by_text("2 pieces of work were sent.")).to_be_visible()
        assert apart(lambda: Entry.objects.select_related("subject").get().values["weight"]) == "70"

        page.evaluate("indexedDB.databases().then((all) => all.forEach(({ name }) => indexedDB.deleteDatabase(name)))")
        page.reload()
        expect(page.locator("[data-lost]")).to_contain_text("2 pieces of work had not been sent")
        look(page, "lost")

        devices = reverse("ecrf:offline_devices", args=[study.world.project.slug])
        manager.goto(site.address + devices)
        look(manager, "devices")
        assert_accessible(manager)
        manager.get_by_role("button", name="Revoke").last.click()
        expect(manager.get_by_text("The device is revoked.")).to_be_visible()
        assert apart(lambda: OfflineDevice.objects.exclude(revoked_at=None).count()) == 1
    finally:
        tablet.close()
    assert apart(lambda: Fragment.objects.filter(source="offline").count()) == 2
    assert apart(Subject.objects.count) == 2
