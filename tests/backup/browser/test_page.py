"""The files of a backup in a real browser: opened with a key that never leaves it, read, compared, taken out."""

from __future__ import annotations

import io
import json
import os
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from django.conf import settings as django_settings
from django.urls import reverse
from playwright.sync_api import Page, expect

from backup.engine.format import keyfile, keys
from backup.models import Opening, Snapshot
from backup.services import repositories
from core.audit.models import Event
from tests.backup import portal
from tests.backup.browser.conftest import REPORT
from tests.backup.browser.ward import IMAGE, NAME, PHRASE, READ, Ward, enter, give, prepare
from tests.e2e.axe import assert_accessible
from tests.e2e.conftest import apart, chromium, server, sign_in, site  # noqa: F401 (fixtures)
from tests.e2e.pictures import photograph

if TYPE_CHECKING:
    from pytest_django import Settings

    from tests.e2e.conftest import Site

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


@pytest.fixture
def ward(site: Site, settings: Settings, tmp_path: Path) -> Ward:  # noqa: F811
    settings.BACKUP_FOLDERS = [tmp_path]
    return apart(lambda: prepare(site, tmp_path))


def names(page: Page) -> list[str]:
    return page.locator("[data-part=list] [data-main]").all_inner_texts()


def took() -> tuple[int, int, int]:
    opening = Opening.objects.get()
    return opening.files, opening.bytes, opening.left_out


def test_a_file_comes_back_and_the_key_stays(ward: Ward) -> None:
    """On a phone, in French: wrong keys are told apart, folders opened, a name found, a file saved as it was.

    Nothing that left the browser holds the key, the passphrase or the name of a file.
    """
    sent: list[tuple[str, bytes]] = []

    def listen(page: Page) -> None:
        page.context.on("request", lambda request: sent.append((request.url, request.post_data_buffer or b"")))

    page = ward.visit("fr", "light", 390, before=listen)
    photograph(page, "files-closed-390")
    assert_accessible(page)
    writer = (ward.computer.base / "writer.key").read_text()
    foreign = keyfile.dump(keys.master(os.urandom(32), os.urandom(16)))
    why = page.locator("[data-part=why]")
    for text, phrase, told in (
        ("Bonjour", "", "pas un fichier de clé entier"),
        (ward.kept.keyfile, "", "a une phrase secrète"),
        (ward.kept.keyfile, "une autre phrase", "a une phrase secrète"),
        (foreign, "", "celle d’un autre"),
        (writer, "", "ne lit pas les fichiers"),
    ):
        give(page, text, phrase)
        expect(page.locator("[data-part=open]")).to_be_enabled()
        expect(why).to_contain_text(told)
    assert apart(Opening.objects.count) == 0
    photograph(page, "files-refused-390")
    give(page, ward.kept.keyfile, reason="Le service demande une lettre")
    enter(page, ward.folder)
    expect(page.locator("[data-part=found]")).to_contain_text("2 éléments")
    assert names(page) == ["letters", "new.csv"]
    photograph(page, "files-folder-390")
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator("#query").fill("etrange")
    page.locator("#query").press("Enter")
    expect(page.locator("[data-part=found]")).to_contain_text("Trouvés\N{NO-BREAK SPACE}: 1, sur")
    assert names(page) == [NAME]
    page.locator("[data-part=list]").get_by_role("button", name=NAME, exact=True).click()
    expect(page.locator("[data-part=panel-facts]")).to_contain_text("rw------- (600)")
    page.get_by_role("button", name="Afficher ici").click()
    expect(page.locator("[data-part=preview] pre")).to_have_text("La patiente va mieux.\n")
    photograph(page, "files-details-390")
    assert_accessible(page)
    with page.expect_response("**/took/"), page.expect_download() as coming:
        page.get_by_role("button", name="Télécharger", exact=True).click()
    assert coming.value.suggested_filename == NAME
    content = (ward.data / "letters" / NAME).read_bytes()
    assert Path(coming.value.path()).read_bytes() == content
    expect(page.locator("[data-part=told]")).to_contain_text("Tout est intact")
    photograph(page, "files-told-390")
    assert apart(took) == (2, 2 * len(content), 0)
    with page.expect_response(lambda answer: answer.url.endswith("/close/")):
        page.get_by_role("button", name="Verrouiller").click()
    expect(page.locator("#keyfile")).to_be_visible()
    expect(page.locator("[data-part=list] tbody tr")).to_have_count(0)
    page.wait_for_function("!document.querySelector('[data-part=panel-title]').textContent")
    assert apart(lambda: Opening.objects.get().ended_at) is not None
    secrets = [PHRASE.encode(), *(line.encode() for line in ward.kept.keyfile.splitlines() if len(line) > 40)]
    secrets += [
        part for name in (NAME, "etrange", "letters", "new.csv") for part in (name.encode(), quote(name).encode())
    ]
    assert any("/objects/packs/" in url for url, _body in sent), "what the worker asks for is among what was heard"
    assert any(b"Le service demande une lettre" in body for _url, body in sent)
    leaked = [url for url, body in sent for secret in secrets if secret in url.encode() + body]
    assert leaked == []
    acts = Event.objects.filter(action__in=("backup.opened", "backup.restored"))
    told = apart(lambda: list(acts.values_list("details", flat=True)))
    assert NAME not in json.dumps(told, ensure_ascii=False)


def test_folders_come_back(ward: Ward) -> None:
    """At a desk: a folder as a zip and into a folder of the computer; what is damaged is told, and left out."""
    page = ward.visit("en", "light", 1440, row=ward.rows[0])
    give(page, ward.kept.keyfile)
    enter(page, ward.folder)
    photograph(page, "files-folder-1440")
    assert_accessible(page)
    expected = {
        "letters/a.txt": ("a letter\n" * 1000).encode(),
        f"letters/{NAME}": b"La patiente va mieux.\n",
        "letters/mark.png": IMAGE,
    }
    page.get_by_label("Choose letters").check()
    expect(page.locator("[data-part=chosen]")).to_have_text("1 chosen")
    with page.expect_response("**/took/"), page.expect_download() as coming:
        page.get_by_role("button", name="Download what is chosen (zip)").click()
    with zipfile.ZipFile(io.BytesIO(Path(coming.value.path()).read_bytes())) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in expected} == expected
        assert json.loads(archive.read(REPORT))["problems"] == []
    expect(page.locator("[data-part=told]")).to_contain_text("3 files")
    with page.expect_response("**/took/"):
        page.get_by_role("button", name="Restore what is chosen into a folder").click()
    expect(page.locator("[data-part=told]")).to_contain_text("1 thing was left out")
    expect(page.locator("[data-part=told-list]")).to_contain_text("a link, which this way can’t bring back")
    photograph(page, "files-told-1440")
    top = f"letters-{ward.rows[0].snapshot_id[:8]}"
    written = {name: text.encode() for name, text in page.evaluate(READ).items() if not name.endswith(".png")}
    assert written == {f"{top}/{name}": content for name, content in expected.items() if not name.endswith(".png")}
    total = sum(map(len, expected.values()))
    expect(page.locator("[data-part=told]")).to_be_focused()
    assert apart(took) == (6, 2 * total, 1)
    page.get_by_role("button", name="Restore what is chosen into a folder").click()
    expect(page.locator("[data-part=told-text]")).to_contain_text(f"{top} (2)", use_inner_text=True)

    pack = max(ward.kept.repository.path.glob("packs/*/*"), key=lambda path: path.stat().st_size)
    raw = bytearray(pack.read_bytes())
    raw[len(raw) // 2] ^= 1
    pack.chmod(0o600)
    pack.write_bytes(raw)
    page.get_by_role("button", name="Choose nothing").click()
    with page.expect_download() as coming:
        page.get_by_role("button", name="Download this folder (zip)").click()
    expect(page.locator("[data-part=told-list]")).to_contain_text("numbers.bin: damaged in the repository")
    photograph(page, "files-damaged-1440")
    assert_accessible(page)
    with zipfile.ZipFile(io.BytesIO(Path(coming.value.path()).read_bytes())) as archive:
        assert archive.testzip() is None
        assert not any("numbers.bin" in name for name in archive.namelist())
        assert len(json.loads(archive.read(REPORT))["problems"]) == 1
    page.get_by_role("button", name="Restore it into a folder of this computer").click()
    expect(page.locator("[data-part=told-text]")).to_contain_text(f"data-{ward.rows[0].snapshot_id[:8]}")
    expect(page.locator("[data-part=told-list]")).to_contain_text("numbers.bin: damaged in the repository")
    written = {name for name in page.evaluate(READ) if name.startswith("data-")}
    assert any(name.endswith("a.txt") for name in written)
    assert not any("numbers.bin" in name for name in written), "no half of it"
    page.locator("[data-part=list]").get_by_role("button", name="numbers.bin", exact=True).click()
    page.get_by_role("button", name="Download", exact=True).click()
    expect(page.locator("[data-part=why]")).to_contain_text("isn’t what was saved")


def test_two_backups_compared(ward: Ward) -> None:
    """What was added, removed and changed since the backup before, with both versions of a file to take."""
    page = ward.visit("en", "dark", 1440)
    give(page, ward.kept.keyfile)
    enter(page, ward.folder)
    page.get_by_role("button", name="Compare", exact=True).click()
    expect(page.locator("[data-part=compared]")).to_contain_text("differences")
    assert "(the one before)" in page.locator("#other option:checked").inner_text()
    cells = [row.split("\t") for row in page.locator("[data-part=changes] tbody tr").all_inner_texts()]
    rows = {path.rpartition("/data/")[2].strip(): what.strip() for what, path, *_sizes in cells}
    assert rows == {"letters/a.txt": "content changed", "new.csv": "added", "numbers.bin": "removed"}
    facts = page.locator("[data-part=difference-facts]")
    expect(facts).to_contain_text("1 added, 1 removed, 1 content changed, 1 details changed")
    photograph(page, "compare-1440")
    assert_accessible(page)
    page.get_by_label("only details changed").check()
    page.get_by_label("Only paths with").fill("étrange")
    expect(page.locator("[data-part=changes] tbody tr")).to_have_count(1)
    expect(page.locator("[data-part=changes] tbody")).to_contain_text("details changed")
    page.get_by_label("Only paths with").fill("a.txt")
    page.locator("[data-part=changes] [data-main]").click()
    versions = []
    for button in page.get_by_role("button", name="Download the version of").all():
        with page.expect_download() as coming:
            button.click()
        expect(page.locator("[data-part=work]")).to_be_hidden()
        versions.append(Path(coming.value.path()).read_text())
    assert versions == ["a letter\n" * 1000, "another letter\n"]
    page.get_by_role("button", name="Back to the files").click()
    assert names(page) == ["letters", "new.csv"]
    page.get_by_role("button", name="The backup before, of the same source").click()
    expect(page.locator("[data-part=list]")).to_contain_text("numbers.bin")
    assert names(page) == ["letters", "numbers.bin"], "in the same folder"
    page.wait_for_url(f"**{ward.address(ward.rows[0])}")


def test_by_keyboard(ward: Ward) -> None:
    """Arrows move, Enter opens, Backspace goes back to where one was, Space chooses, a slash searches."""
    page = ward.visit("en", "light", 1440)
    give(page, ward.kept.keyfile)
    for name in ward.folder.split("/"):
        expect(page.locator(":focus")).to_have_text(name)
        page.keyboard.press("Enter")
    expect(page.locator(":focus")).to_have_text("letters")
    page.keyboard.press("ArrowDown")
    expect(page.locator(":focus")).to_have_text("new.csv")
    page.keyboard.press("Space")
    expect(page.locator("[data-part=chosen]")).to_contain_text("1 chosen")
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    expect(page.locator(":focus")).to_have_text("a.txt")
    page.keyboard.press("End")
    expect(page.locator(":focus")).to_have_text("mark.png")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Show it here").click()
    expect(page.locator("[data-part=preview] img")).to_have_js_property("naturalWidth", 1)
    page.keyboard.press("Escape")
    expect(page.locator(":focus")).to_have_text("mark.png")
    page.keyboard.press("Backspace")
    expect(page.locator(":focus")).to_have_text("letters")
    page.get_by_role("button", name="Details of letters").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-part=panel-title]")).to_have_text("letters")
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.locator("#query")).to_be_focused()


def test_a_session_that_ends_in_between(ward: Ward) -> None:
    """Who has to sign in again finds the backup still open, and goes on where he was."""
    page = ward.visit("fr", "light", 1440)
    give(page, ward.kept.keyfile)
    enter(page, ward.folder)
    page.context.clear_cookies(name=django_settings.SESSION_COOKIE_NAME)
    page.locator("[data-part=zip]").click()
    expect(page.locator("#session-dialog")).to_be_visible()
    session = apart(lambda: sign_in(ward.site.world.user["owner"], "fr"))
    cookie = {"name": django_settings.SESSION_COOKIE_NAME, "value": session, "url": ward.site.address}
    page.context.add_cookies([cookie])  # type: ignore[list-item]
    with page.expect_download() as coming:
        page.evaluate("dispatchEvent(new Event('focus'))")
    with zipfile.ZipFile(io.BytesIO(Path(coming.value.path()).read_bytes())) as archive:
        assert archive.testzip() is None
    expect(page.locator("[data-part=told]")).to_contain_text("Tout est intact")


def test_it_locks_itself(ward: Ward) -> None:
    """After half an hour without a touch the key is forgotten; two minutes before, the page says when."""
    page = ward.visit("en", "light", 1440, before=lambda page: page.clock.install())
    give(page, ward.kept.keyfile)
    expect(page.locator("[data-part=list]")).to_be_visible()
    page.clock.fast_forward("28:30")
    expect(page.locator("[data-part=lock]")).to_contain_text("Locks itself at")
    page.keyboard.press("Shift")
    page.clock.fast_forward("01:40")
    expect(page.locator("[data-part=list]")).to_be_visible()
    page.clock.fast_forward("29:00")
    expect(page.locator("#keyfile")).to_be_visible()
    expect(page.locator(".toasts")).to_contain_text("Give the key again")
    expect(page.locator("[data-part=list] tbody tr")).to_have_count(0)


def test_the_portal_is_away_and_an_older_state(ward: Ward) -> None:
    """Where the portal can't be reached, the page says so and stays open; an older state of it is noticed."""
    page = ward.visit("en", "light", 1440)
    give(page, ward.kept.keyfile)
    enter(page, ward.folder)
    page.context.set_offline(True)
    page.locator("[data-part=zip]").click()
    expect(page.locator("[data-part=why]")).to_contain_text("can’t be reached", timeout=30_000)
    page.context.set_offline(False)
    with page.expect_download():
        page.locator("[data-part=zip]").click()
    page.evaluate(
        "localStorage.setItem(`backup.config.${document.querySelector('snapshot-browser').dataset.repository}`, 7)"
    )
    page.reload()
    give(page, ward.kept.keyfile)
    expect(page.locator("[data-part=why]")).to_contain_text("isn’t what was saved")


def test_a_backup_that_is_gone(ward: Ward) -> None:
    """Where the backup isn't in the repository any more, the newest is shown, and the page says so."""
    row = ward.rows[0]
    apart(lambda: Snapshot.objects.filter(pk=row.pk).update(snapshot_id="0" * 64))
    page = ward.visit("en", "light", 1440, row=row)
    give(page, ward.kept.keyfile)
    expect(page.locator(".toasts")).to_contain_text("gone from the repository")
    page.wait_for_url(f"**{ward.address(ward.rows[1])}")


def test_what_the_server_saved(ward: Ward) -> None:
    """A dataset that a plan of the server saved is there by its title and its version."""

    def make() -> Snapshot:
        portal.fill(ward.site.world)
        return ward.kept.save()

    page = ward.visit("en", row=apart(make))
    give(page, ward.kept.keyfile)
    enter(page, "datasets/inclusions")
    assert names(page) == ["v1.parquet", "v2.parquet"]
    page.get_by_role("button", name="Details of v2.parquet").click()
    facts = page.locator("[data-part=panel-facts]").inner_text().split("\n")
    assert [facts[facts.index(word) + 1] for word in ("Title", "Version")] == ["Inclusions", "2"]


def test_who_may_not_restore_has_no_way_in(ward: Ward) -> None:
    """The monitor sees the backup, and neither a button nor the page of its files."""
    page = ward.site.open(ward.rows[0].get_absolute_url(), "monitor", "en")
    expect(page.get_by_role("heading", name="Bring it back")).to_be_visible()
    assert page.locator("a[href$='/files/']").count() == 0
    answer = page.goto(ward.site.address + ward.address())
    assert answer is not None
    assert answer.status == 403
    objects = reverse("api:backup:objects", args=[ward.kept.repository.pk])
    assert page.request.get(f"{ward.site.address}{objects}?folder=packs").status == 403
    assert apart(lambda: repositories.Repository.objects.count()) == 1
