"""The ceremony of a key in a real browser: made, kept and proved there; what leaves it opens nothing."""

from __future__ import annotations

import base64
import io
import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import zxingcpp
from django.urls import reverse
from PIL import Image
from playwright.sync_api import Locator, Page, Route, ViewportSize, expect

from backup.engine.agent import holding
from backup.engine.format import keyfile
from backup.engine.format.keys import InMemory, Key, Role
from backup.engine.keykeeping import shares, sheet
from backup.engine.repository import Repository as Opened
from backup.engine.stores.local import LocalStore
from backup.models import Repository
from tests.backup.founding import Client, Founded, found
from tests.e2e.axe import assert_accessible
from tests.e2e.conftest import apart, chromium, server, site  # noqa: F401 (fixtures)
from tests.e2e.pictures import photograph
from tests.e2e.test_portal import PASSWORD, end_sessions, recovery_code, set_password

if TYPE_CHECKING:
    from pytest_django import Settings

    from tests.e2e.conftest import Site

pytestmark = pytest.mark.e2e
PAGES = re.compile(rb"/Type */Page\b(?!s)")
PAPER = ViewportSize(width=688, height=1017)
"""A4 without its margins."""
WORDS = "un château de cartes"
DAY = date(2026, 11, 29)


class Left:
    """Whatever a page has sent."""

    def __init__(self, page: Page) -> None:
        self.bodies: list[bytes] = []
        page.on("request", lambda request: self.bodies.append(request.url.encode() + (request.post_data_buffer or b"")))

    def holds_nothing_of(self, text: str, passphrase: str = "") -> None:
        key = keyfile.load(text, passphrase)
        assert key.seed is not None
        assert isinstance(key.holder, InMemory)
        secrets = [key.seed, key.holder.signing, *key.holder.private.values()]
        clear = base64.b64encode(keyfile.to_binary(keyfile.dump(key))).decode()
        forms = [form for one in secrets for form in (one, one.hex().encode(), base64.b64encode(one)[:40])]
        forms += [line.encode() for line in (*text.splitlines()[6:-1], clear[60:124]) if line]
        forms += [line.split(" ", 1)[1].encode() for line in sheet.draw(text, location="", today=DAY).lines]
        forms += [passphrase.encode()] * bool(passphrase)
        assert any(b"config" in body for body in self.bodies), "the founding was sent"
        assert not [form for form in forms for body in self.bodies if form in body]


def begin(site: Site, language: str, width: int) -> tuple[Page, Left]:  # noqa: F811
    page = site.open("", "owner", language, "light", width)
    left = Left(page)
    page.add_init_script("window.print = () => (window.printed = (window.printed ?? 0) + 1)")  # a dialog of the system
    page.goto(site.address + reverse("backup:repository-create", args=[site.world.project.slug]))
    return page, left


def printed(page: Page) -> str:
    """What a scanner reads of the sheet that is to be printed; it must be one page of A4."""
    page.locator(".papers .qr").first.wait_for(state="attached")
    assert page.evaluate("window.printed")
    page.emulate_media(media="print")
    before = page.viewport_size
    page.set_viewport_size(PAPER)
    photograph(page, f"ceremony-paper-{page.locator('.papers h1').first.inner_text()[:12]}")
    picture = Image.open(io.BytesIO(page.locator(".papers .qr").first.screenshot(scale="device")))
    sheets = page.locator(".papers .paper").count()
    assert len(PAGES.findall(page.pdf(prefer_css_page_size=True))) == sheets
    page.set_viewport_size(before or PAPER)
    [read] = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)
    return read.text


def downloaded(page: Page, name: str, within: str = "") -> str:
    with page.expect_download() as coming:
        (page.locator(within) if within else page).get_by_role("button", name=name).first.click()
    return Path(coming.value.path()).read_text()


def seen(page: Page, text: str, exact: bool = False) -> Locator:
    """Words that one sees: the page also brings those that it may have to say."""
    return page.get_by_text(text, exact=exact).filter(visible=True)


def narrow(page: Page, width: int) -> None:
    page.evaluate("scrollTo(0, 0)")  # nothing lies under the bar at the top
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.fixture
def disk(settings: Settings, tmp_path: Path) -> Path:
    settings.BACKUP_FOLDERS = [tmp_path]
    return tmp_path


def test_in_french_on_a_phone(site: Site, disk: Path) -> None:  # noqa: F811
    """Named, made, downloaded, printed, split, proved by the code on paper: then the repository is there, confirmed."""
    page, left = begin(site, "fr", 390)
    photograph(page, "ceremony-1-fr-390")
    narrow(page, 390)
    page.get_by_role("button", name="Continuer").click()
    expect(seen(page, "Donnez-lui un nom.")).to_be_visible()
    page.get_by_label("Nom", exact=True).fill("Coffre du CHU")
    page.get_by_role("button", name="Continuer").click()
    photograph(page, "ceremony-2-fr-390")
    narrow(page, 390)
    page.get_by_label("Phrase secrète pour la clé").fill("court")
    expect(seen(page, "Trop courte")).to_be_visible()
    page.get_by_role("button", name="Fabriquer la clé").click()
    expect(seen(page, "Prenez au moins 12 caractères")).to_be_visible()
    photograph(page, "ceremony-2-short-fr-390")
    narrow(page, 390)
    page.get_by_label("Phrase secrète pour la clé").fill("")
    page.get_by_role("button", name="Fabriquer la clé").click()
    go_on = page.get_by_role("button", name="Je l’ai gardée")
    expect(go_on).to_be_disabled()
    text = downloaded(page, "Télécharger la clé")
    master = keyfile.load(text)
    assert master.role is Role.MASTER
    page.get_by_role("button", name="Imprimer la fiche de secours").click()
    read = printed(page)
    for due in (
        "Coffre du CHU",
        "Clé maîtresse",
        master.repository.hex(),
        *sheet.draw(text, location="", today=DAY).lines,
    ):
        assert due in page.locator(".papers").inner_text()
    page.emulate_media(media="screen")
    assert keyfile.load(sheet.from_lines([read])) == master
    split(page, master)
    photograph(page, "ceremony-3-fr-390")
    narrow(page, 390)
    go_on.click()
    page.get_by_label("code de contrôle").fill("0000-0000")
    page.get_by_role("button", name="Confirmer").click()
    expect(seen(page, "Ce n’est pas le code de contrôle")).to_be_visible()
    photograph(page, "ceremony-4-fr-390")
    narrow(page, 390)
    assert not apart(Repository.objects.exists), "before the key is kept, nothing is registered"
    page.get_by_label("code de contrôle").fill(keyfile.control_code(keyfile.to_binary(text)).lower().replace("-", " "))
    page.get_by_role("button", name="Confirmer").click()
    expect(seen(page, "Le dépôt est prêt")).to_be_visible()
    photograph(page, "ceremony-5-fr-390")
    narrow(page, 390)
    row = apart(Repository.objects.get)
    assert (row.name, row.folder, row.is_confirmed, row.isolated) == ("Coffre du CHU", str(disk), True, False)
    assert {badge.role for badge in Opened.open(LocalStore(row.path), master).badges().values()} == {
        Role.LISTER,
        Role.WRITER,
    }
    left.holds_nothing_of(text)
    assert page.locator(".papers").count() == 0, "nothing of the key stays in the page"
    page.get_by_role("link", name="Ouvrir le dépôt").click()
    expect(page.get_by_role("heading", name="Coffre du CHU")).to_be_visible()


def split(page: Page, master: Key) -> None:
    """Three shares, of which two make the key again by the engine: one scanned from its paper, one from its file."""
    page.get_by_label("Parts en tout").fill("3")
    page.get_by_label("Nécessaires ensemble").fill("4")
    page.get_by_role("button", name="Partager la clé").click()
    expect(page.get_by_role("alert")).to_contain_text("plus de parts")
    page.get_by_label("Nécessaires ensemble").fill("2")
    page.get_by_role("button", name="Partager la clé").click()
    rows = page.locator(".share-rows li")
    expect(rows).to_have_count(3)
    rows.nth(0).get_by_role("button", name="Imprimer").click()
    first = printed(page)
    words = page.locator(".papers pre").first.inner_text()
    page.emulate_media(media="screen")
    third = downloaded(page, "Télécharger", ".share-rows li:nth-child(3)")
    [code] = [line for line in third.splitlines() if line.startswith("SHARE/")]
    assert shares.combine([first, code]) == master
    assert shares.combine([words, code]) == master
    page.get_by_role("button", name="Les imprimer toutes").click()
    page.emulate_media(media="print")
    assert page.locator(".papers .paper").count() == 3
    assert len(PAGES.findall(page.pdf(prefer_css_page_size=True))) == 3
    page.emulate_media(media="screen")
    expect(page.locator("[data-kept=shares]")).to_be_visible()


def test_in_english_on_a_desktop(site: Site, disk: Path) -> None:  # noqa: F811
    """With a passphrase, proved by the saved file; a name that was taken meanwhile and a lost answer cost nothing."""
    page, left = begin(site, "en", 1440)
    page.get_by_label("Name", exact=True).fill("Vault")
    page.get_by_label("With the suite’s data").check()
    page.get_by_label("This server saves into it").uncheck()
    page.get_by_label("Most it may take").fill("-1")
    page.get_by_role("button", name="Go on").click()
    expect(seen(page, "Write a number of GB, or nothing.")).to_be_visible()
    page.get_by_label("Most it may take").fill("2.5")
    page.get_by_text("More choices").click()
    page.get_by_label("Writers share nothing").check()
    photograph(page, "ceremony-1-en-1440")
    narrow(page, 1440)
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("Passphrase for the key").fill(WORDS)
    page.get_by_label("The same passphrase again").fill(WORDS[:-1])
    page.get_by_role("button", name="Make the key").click()
    expect(seen(page, "This isn’t the passphrase above.")).to_be_visible()
    page.get_by_label("The same passphrase again").fill(WORDS)
    expect(seen(page, "A good length", exact=True)).to_be_visible()
    photograph(page, "ceremony-2-en-1440")
    page.get_by_role("button", name="Make the key").click()
    expect(page.get_by_role("heading", name="Keep the key")).to_be_visible(timeout=60_000)
    text = downloaded(page, "Download the key")
    assert keyfile.is_protected(keyfile.to_binary(text))
    page.get_by_role("button", name="Print the recovery sheet").click()
    assert keyfile.load(sheet.from_lines([printed(page)]), WORDS) == keyfile.load(text, WORDS)
    page.emulate_media(media="screen")
    photograph(page, "ceremony-3-en-1440")
    narrow(page, 1440)
    with page.expect_event("dialog") as asked:  # leaving asks first
        page.once("dialog", lambda dialog: dialog.dismiss())
        page.evaluate("setTimeout(() => location.assign('/'))")
    assert asked.value.type == "beforeunload"
    page.get_by_role("button", name="I have kept it").click()
    choose(page, Client.new().keyfile)
    expect(seen(page, "This is the file of another key.")).to_be_visible()
    apart(lambda: found(site.world.user["owner"], site.world.project, name="Vault"))
    choose(page, text)
    expect(seen(page, "The project has a repository of this name.")).to_be_visible()
    photograph(page, "ceremony-taken-en-1440")
    page.get_by_label("Name", exact=True).fill("Vault 2")
    page.get_by_role("button", name="Go on").click()
    lose_one_answer(page)
    choose(page, text)
    expect(seen(page, "The server can’t be reached")).to_be_visible()
    choose(page, text)
    expect(page.get_by_role("heading", name="The repository is ready")).to_be_visible()
    photograph(page, "ceremony-5-en-1440")
    row = apart(lambda: Repository.objects.get(name="Vault 2"))
    assert (row.folder, row.quota, row.saves_here, row.isolated) == ("", 2_500_000_000, False, True)
    assert (row.is_confirmed, row.has_passphrase) == (True, True)
    left.holds_nothing_of(text, WORDS)
    page.get_by_role("link", name="Add an agent").click()
    expect(page.get_by_role("heading", name="Add an agent")).to_be_visible()


def choose(page: Page, text: str) -> None:
    page.set_input_files("#saved", {"name": "a.key", "mimeType": "text/plain", "buffer": text.encode()})
    page.get_by_role("button", name="Confirm, and make the repository").click()


def lose_one_answer(page: Page) -> None:
    """The next founding reaches the server, and its answer doesn't come back."""

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/backup/repositories/", lose, times=1)


def test_a_session_that_ends_meanwhile(site: Site, disk: Path) -> None:  # noqa: F811
    """Who comes back from the printer too late signs in again, and the repository is made with the same key."""
    person = site.world.user["owner"]
    apart(lambda: set_password(person))
    page, left = begin(site, "en", 1440)
    page.get_by_label("Name", exact=True).fill("Vault")
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Make the key").click()
    text = downloaded(page, "Download the key")
    page.get_by_role("button", name="I have kept it").click()
    apart(end_sessions)
    choose(page, text)
    dialog = page.locator("#session-dialog")
    dialog.locator("input[name=login]").fill(person.email)
    dialog.locator("input[name=password]").fill(PASSWORD)
    dialog.locator("button[type=submit]").first.click()
    dialog.locator("input[name=code]").fill(apart(lambda: recovery_code(person)))
    dialog.locator("button[type=submit]").first.click()
    expect(page.get_by_role("heading", name="The repository is ready")).to_be_visible()
    assert Opened.open(LocalStore(apart(Repository.objects.get).path), keyfile.load(text))
    left.holds_nothing_of(text)


def desk(site: Site, made: Founded, language: str, width: int) -> Page:  # noqa: F811
    address = reverse("backup:repository-key", args=[site.world.project.slug, made.repository.pk])
    return site.open(address, "owner", language, "light", width)


def bring(page: Page, text: str, passphrase: str = "") -> None:
    page.set_input_files("#key-file", {"name": "a.key", "mimeType": "text/plain", "buffer": text.encode()})
    page.locator("#key-passphrase").fill(passphrase)
    page.get_by_role("button", name="Regarder la clé").click()


def test_a_key_is_looked_at(site: Site, disk: Path) -> None:  # noqa: F811
    """Whose a key is, and what it may do, is told from the file alone; nothing of it is sent."""

    def make() -> tuple[Founded, str]:
        made = found(site.world.user["owner"], site.world.project, name="Coffre", passphrase=WORDS, confirmed=True)
        opened = Opened.open(LocalStore(made.repository.path), keyfile.load(made.keyfile, WORDS))
        lost = opened.derive(Role.READER, label="Dr Perdu", now=1)
        opened.revoke(lost.key_id, last=0, now=2)
        return made, keyfile.dump(lost)

    made, revoked = apart(make)
    page = desk(site, made, "fr", 390)
    left = Left(page)
    photograph(page, "desk-1-fr-390")
    narrow(page, 390)
    page.get_by_role("button", name="Regarder la clé").click()
    expect(page.get_by_role("alert")).to_contain_text("Choisissez d’abord le fichier")
    bring(page, "Bonjour")
    expect(page.get_by_role("alert")).to_contain_text("ne fait pas une clé")
    bring(page, made.keyfile, "autre chose")
    expect(page.get_by_role("alert")).to_contain_text("phrase secrète")
    bring(page, made.keyfile, WORDS)
    expect(seen(page, "Est de ce dépôt")).to_be_visible()
    expect(seen(page, "Clé maîtresse : ouvre tout")).to_be_visible()
    expect(seen(page, made.repository.control_code)).to_be_visible()
    expect(seen(page, holding.mark(keyfile.load(made.keyfile, WORDS).master))).to_be_visible()
    photograph(page, "desk-2-fr-390")
    narrow(page, 390)
    page.get_by_role("button", name="Regarder une autre clé").click()
    bring(page, Client.new().keyfile)
    expect(seen(page, "Est d’un autre dépôt")).to_be_visible()
    expect(page.get_by_role("button", name="Imprimer la fiche de secours")).to_be_hidden()
    page.get_by_role("button", name="Regarder une autre clé").click()
    twin = Client.new(repository=bytes.fromhex(made.repository.repository_id))
    bring(page, twin.keyfile)
    expect(page.get_by_role("alert")).to_contain_text("n’est pas ce que sa clé maîtresse a signé")
    bring(page, revoked)
    expect(seen(page, "A été révoquée")).to_be_visible()
    expect(seen(page, "Dr Perdu")).to_be_visible()
    expect(page.get_by_role("button", name="Partager la clé")).to_be_hidden()
    assert not [body for body in left.bodies if WORDS.encode() in body or b"SUITE BACKUP" in body]


def test_a_key_is_made_again(site: Site, disk: Path) -> None:  # noqa: F811
    """From the lines of its sheet or from enough of its shares the file comes back; each slip is told by its place."""
    made = apart(lambda: found(site.world.user["owner"], site.world.project, name="Vault", confirmed=True))
    master = keyfile.load(made.keyfile)
    page = desk(site, made, "en", 1440)
    look = page.get_by_role("button", name="Look at the key")
    page.get_by_label("Its recovery sheet").check()
    lines = list(sheet.draw(made.keyfile, location="", today=DAY).lines)
    field = page.get_by_label("Lines of the sheet")
    slipped = [lines[0], lines[1][:10] + ("7" if lines[1][10] != "7" else "8") + lines[1][11:]]
    field.fill("\n".join(slipped))
    look.click()
    expect(page.get_by_role("alert")).to_contain_text("Line 2 isn’t as it was printed")
    expect(page.get_by_role("alert")).to_contain_text("Line 3 is missing")
    field.fill("\n".join(line.lower() for line in reversed(lines)))
    look.click()
    expect(seen(page, "Belongs to this repository")).to_be_visible()
    assert keyfile.load(downloaded(page, "Download the key")) == master
    page.get_by_role("button", name="Look at another key").click()
    page.get_by_label("Shares of several people").check()
    parts = shares.split(master, 3, 4)
    typed = page.get_by_label("Words of the shares")
    typed.fill("\n\n".join(" ".join(one.words) for one in parts[:2]))
    look.click()
    expect(page.get_by_role("alert")).to_contain_text("2 different shares are here, 3 are needed")
    wrong = [*parts[1].words]
    wrong[8] = "zero" if wrong[8] != "zero" else "yoga"
    typed.fill(f"{' '.join(parts[0].words)}\n{' '.join(wrong)}\n{' '.join(parts[2].words)}")
    look.click()
    expect(page.get_by_role("alert")).to_contain_text("Share 2: look at word 9.")
    photograph(page, "desk-shares-en-1440")
    narrow(page, 1440)
    typed.fill("\n\n".join("\n".join(one.words) for one in parts[:2]))
    page.set_input_files(
        "#share-files", {"name": "3.txt", "mimeType": "text/plain", "buffer": f"Share 3\n\n{parts[2].code}\n".encode()}
    )
    look.click()
    expect(seen(page, "Belongs to this repository")).to_be_visible()
    assert keyfile.load(downloaded(page, "Download the key")) == master
    photograph(page, "desk-2-en-1440")
