"""A sealed file from one browser to another: the server in between learns nothing, and nothing is lost on the way."""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.db import connection
from django.urls import reverse
from playwright.sync_api import Page, Route, expect

from backup.engine.sealing.layout import from_fragment, to_fragment
from backup.models import FileRequest, Send, SendFetch, SendPiece
from backup.models.sends import PIECE
from backup.services import asking, sends
from core import files
from core.access.demo import World
from core.files.models import StoredFile
from tests.backup.sends import kit
from tests.e2e.axe import assert_accessible, violations
from tests.e2e.conftest import apart, chromium, server, site  # noqa: F401 (fixtures)
from tests.e2e.pictures import photograph
from tests.e2e.quiet import visit

if TYPE_CHECKING:
    from tests.e2e.conftest import Site

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

NAME = "irm-dupont-jeanne.zip"
MARK = b"Dupont Jeanne, etage 3"
WORDS = "Pour le staff de jeudi."
SAVES_TO_DOWNLOADS = "delete window.showSaveFilePicker"
"""A browser in which nobody can be asked where to save."""
SECRET = "trois mots secrets"


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """30 MB, in which a name is written now and then."""
    path = tmp_path / NAME
    path.write_bytes((MARK + random.Random(3).randbytes(999_978)) * 30)
    return path


def fill(page: Page, path: Path, passphrase: str = "") -> None:
    page.set_input_files("[name=file]", path)
    if page.locator("[name=message]").is_visible():
        page.fill("[name=message]", WORDS)
    if passphrase:
        page.fill("[name=passphrase]", passphrase)
    page.get_by_role("button", name="Sceller et envoyer").click()


def link_of(page: Page) -> str:
    field = page.locator("[data-part=link]:visible")
    expect(field).to_have_value(re.compile(r"/sealed/[\w-]{22}/#[\w-]{43}$"), timeout=90_000)
    return field.input_value()


def stranger(site: Site, link: str, width: int = 1440) -> Page:  # noqa: F811
    page = site.open("", "anonymous", "fr", "light", width)
    page.add_init_script(SAVES_TO_DOWNLOADS)
    page.goto(link)
    return page


def receive(page: Page) -> bytes:
    page.get_by_role("button", name="Ouvrir le fichier").click()
    with page.expect_download(timeout=90_000) as coming:
        page.get_by_role("button", name="Enregistrer le fichier").click()
    assert coming.value.suggested_filename == NAME
    expect(page.get_by_role("heading", name="Le fichier est complet et enregistré")).to_be_visible()
    return Path(coming.value.path()).read_bytes()


def known_to_the_server(secrets: list[bytes]) -> list[str]:
    """Where in the database and on the disk one of these stands."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            rows = "\n".join(row for (row,) in cursor.fetchall()).encode()
            found += [table for word in secrets if word in rows or word.hex().encode() in rows]
    for path in Path(settings.DATA_DIR).glob("files/*/*"):
        data = path.read_bytes()
        found += [path.name for word in secrets if word in data]
    for stored in StoredFile.objects.filter(kind="sealed"):
        with files.open(stored) as file:
            data = file.read()
        found += [f"clear {stored.pk}" for word in secrets if word in data]
    return found


def test_thirty_megabytes_with_a_reload_in_the_middle(site: Site, large: Path) -> None:  # noqa: F811
    """Sent with a reload in the middle, it goes on where it was, and arrives bit by bit where nobody has an account."""
    page = site.open(reverse("backup:send-create", args=[site.world.project.slug]))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(f"{request.url} {request.post_data_buffer or b''}"))
    held = re.compile(r"/piece/4/$")
    page.route(held, lambda _route: None)  # the network hangs there
    with page.expect_request(held, timeout=90_000):
        fill(page, large)
    photograph(page, "sealed-sending-1440")
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    page.unroute(held)
    expect(page.get_by_text("L’envoi a été interrompu")).to_be_visible()
    assert apart(lambda: sorted(SendPiece.objects.values_list("number", flat=True))) == [0, 1, 2, 3]
    photograph(page, "sealed-interrupted-1440")
    assert_accessible(page)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "PUT" else None)
    fill(page, large)
    link = link_of(page)
    assert [address.rsplit("/", 2)[1] for address in sent] == ["4", "5", "6", "7"], "what was there isn't sent again"
    photograph(page, "sealed-sent-1440")
    assert_accessible(page)
    key = link.partition("#")[2]
    assert not [each for each in asked if key in each], "the key never leaves"
    theirs = stranger(site, link)
    seen: list[str] = []
    theirs.on("request", lambda request: seen.append(request.url))
    photograph(theirs, "sealed-closed-1440")
    assert receive(theirs) == large.read_bytes()
    photograph(theirs, "sealed-saved-1440")
    assert theirs.get_by_text(WORDS).count() == 1
    assert not [address for address in seen if key in address]
    assert all(address.startswith((site.address, "blob:")) for address in seen), "nothing from elsewhere"
    secrets = [MARK, NAME.encode(), WORDS.encode(), key.encode()]
    assert apart(lambda: known_to_the_server(secrets)) == []
    assert apart(lambda: SendFetch.objects.count()) == 1
    page.reload()
    expect(page.get_by_role("heading", name=NAME)).to_contain_text("Prêt à être récupéré")
    assert page.locator("[data-part=link]").input_value() == link


def test_a_passphrase_and_its_mistakes(site: Site, tmp_path: Path) -> None:  # noqa: F811
    """A wrong passphrase is told and can be typed again; with the right one the file opens, counted as one download."""
    path = tmp_path / NAME
    path.write_bytes(MARK * 100)
    page = site.open(reverse("backup:send-create", args=[site.world.project.slug]))
    fill(page, path, SECRET)
    link = link_of(page)
    theirs = stranger(site, link, 390)
    theirs.get_by_label("Phrase secrète").fill("autre chose")
    theirs.get_by_role("button", name="Ouvrir le fichier").click()
    expect(theirs.get_by_role("alert")).to_contain_text("La phrase secrète est fausse", timeout=60_000)
    photograph(theirs, "sealed-wrong-390")
    assert_accessible(theirs)
    theirs.get_by_label("Phrase secrète").fill(SECRET)
    assert receive(theirs) == path.read_bytes()
    assert apart(lambda: Send.objects.get().fetch_count) == 1
    cut = stranger(site, link[:-1])
    expect(cut.get_by_role("alert")).to_contain_text("Le lien est coupé")
    expect(cut.get_by_role("button", name="Ouvrir le fichier")).to_be_hidden()


def sent_by_hand(world: World, content: bytes) -> tuple[Send, str]:
    made = kit.sealed(content, name=NAME)
    return kit.send(world, made), made.fragment


def in_the_middle(change: Callable[[bytes], bytes]) -> Callable[[Route], None]:
    def answer(route: Route) -> None:
        original = route.fetch()
        route.fulfill(response=original, body=change(original.body()))

    return answer


def test_what_was_changed_is_told(site: Site) -> None:  # noqa: F811
    """A piece that was changed or cut on the way ends the download with words, and leaves no file."""
    content = random.Random(5).randbytes(3 * PIECE)
    row, key = apart(lambda: sent_by_hand(site.world, content))
    faults = {
        "modifié en route": lambda body: body[:-9] + bytes([body[-9] ^ 1]) + body[-8:],
        "coupé": lambda body: body[:-1000],
    }
    for words, change in faults.items():
        page = stranger(site, f"{site.address}/sealed/{row.link}/#{key}")
        saved: list[object] = []
        page.on("download", lambda download, to=saved: to.append(download))
        page.get_by_role("button", name="Ouvrir le fichier").click()
        page.get_by_role("button", name="Enregistrer le fichier").wait_for()
        page.reload()
        page.route(re.compile(r"/2/$"), in_the_middle(change))
        page.get_by_role("button", name="Ouvrir le fichier").click()
        page.get_by_role("button", name="Enregistrer le fichier").click()
        expect(page.get_by_role("alert")).to_contain_text(words, timeout=60_000)
        photograph(page, f"sealed-{'cut' if words == 'coupé' else 'changed'}-1440")
        assert_accessible(page)
        assert saved == []


def test_a_broken_network_and_a_revoked_link(site: Site) -> None:  # noqa: F811
    """A download waits while the network is away and goes on; a revoked link ends it with words."""
    content = random.Random(6).randbytes(5 * PIECE)
    row, key = apart(lambda: sent_by_hand(site.world, content))
    page = stranger(site, f"{site.address}/sealed/{row.link}/#{key}")
    failures = iter([True, True, True])
    page.route(re.compile(r"/4/$"), lambda route: route.abort() if next(failures, False) else route.continue_())
    assert receive(page) == content
    apart(lambda: sends.revoke(site.world.user["owner"], row))
    page.reload()
    expect(page.get_by_role("heading", name="Ce fichier ne peut plus être récupéré")).to_be_visible()
    photograph(page, "sealed-revoked-1440")
    assert_accessible(page)


def test_saved_where_one_chooses(site: Site) -> None:  # noqa: F811
    """Where the browser asks for a place, the file is written to it as it comes, and only whole."""
    content = random.Random(8).randbytes(2 * PIECE)
    row, key = apart(lambda: sent_by_hand(site.world, content))
    page = site.open("", "anonymous", "fr")
    page.add_init_script(
        """window.showSaveFilePicker = async ({suggestedName}) =>
          (await navigator.storage.getDirectory()).getFileHandle(suggestedName, {create: true})"""
    )
    page.goto(f"{site.address}/sealed/{row.link}/#{key}")
    page.get_by_role("button", name="Ouvrir le fichier").click()
    page.get_by_role("button", name="Enregistrer le fichier").click()
    expect(page.get_by_role("heading", name="Le fichier est complet et enregistré")).to_be_visible(timeout=60_000)
    digest = page.evaluate(
        """async (name) => {
          const file = await (await (await navigator.storage.getDirectory()).getFileHandle(name)).getFile();
          const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
          return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
        }""",
        NAME,
    )
    assert digest == hashlib.sha256(content).hexdigest()


def test_a_stranger_drops_a_file(site: Site, large: Path) -> None:  # noqa: F811
    """A member asks, a stranger drops from his browser, and only the member's own link opens what came in."""
    mine = site.open(reverse("backup:request-create", args=[site.world.project.slug]))
    mine.get_by_role("button", name="Créer le lien").click()
    given = mine.locator("[data-part=given]")
    expect(given).to_have_value(re.compile(r"/sealed/to/[\w-]{22}/#[\w-]{43}$"))
    photograph(mine, "sealed-request-1440")
    assert_accessible(mine)
    own = mine.locator("[data-part=mine]").input_value()
    theirs = stranger(site, given.input_value(), 390)
    photograph(theirs, "sealed-drop-390")
    assert_accessible(theirs)
    theirs.set_input_files("[name=file]", large)
    theirs.fill("[name=message]", WORDS)
    theirs.get_by_role("button", name="Sceller et envoyer").click()
    expect(theirs.get_by_role("heading", name="Le fichier est arrivé")).to_be_visible(timeout=90_000)
    photograph(theirs, "sealed-dropped-390")
    mine.reload()
    photograph(mine, "sealed-arrived-1440")
    way = mine.get_by_role("link", name="Ouvrir le fichier")
    expect(way).to_have_attribute("href", re.compile(r"/sealed/[\w-]{22}/#[\w-]{43}$"))
    address = site.address + (way.get_attribute("href") or "")
    assert receive(stranger(site, address)) == large.read_bytes()
    secrets = [MARK, NAME.encode(), own.partition("#")[2].encode(), address.partition("#")[2].encode()]
    assert apart(lambda: known_to_the_server(secrets)) == []
    other = site.open(own.partition("#")[0].removeprefix(site.address))
    expect(other.get_by_text("Ce navigateur ne connaît pas votre propre lien")).to_be_visible()
    assert other.get_by_role("link", name="Ouvrir le fichier").count() == 0


def test_what_a_stranger_sealed_otherwise_hinders_nothing(site: Site) -> None:  # noqa: F811
    """A file that isn’t sealed to the owner’s key is told, and the others open; a changed link takes no key away."""
    mine = site.open(reverse("backup:request-create", args=[site.world.project.slug]))
    mine.get_by_role("button", name="Créer le lien").click()
    field = mine.locator("[data-part=mine]")
    expect(field).to_have_value(re.compile(r"#[\w-]{43}$"))
    page, _sign, own = field.input_value().partition("#")
    apart(lambda: dropped_otherwise(from_fragment(own)))
    mine.goto(f"{page}#{to_fragment(bytes(range(32)))}")
    mine.reload()
    expect(mine.locator("[data-envelope] + span:visible")).to_contain_text("Scellé avec une autre clé")
    photograph(mine, "sealed-otherwise-1440")
    assert_accessible(mine)
    ways = mine.get_by_role("link", name="Ouvrir le fichier")
    expect(ways).to_have_count(1)
    expect(ways).to_have_attribute("href", re.compile(r"/sealed/[\w-]{22}/#[\w-]{43}$"))
    assert field.input_value().partition("#")[2] == own


def dropped_otherwise(own: bytes) -> None:
    """One file by somebody who seals its key to whom he likes, the newest, and one as it should be."""
    row = FileRequest.objects.get()
    for private in (own, bytes([7]) * 32):
        made = kit.sealed()
        dropped, token = kit.drop(kit.Asked(row, private), made)
        asking.put(row.link, token, 0, made.pieces[0])
        asking.finish(row.link, token)
        assert dropped.piece_count == 1


def test_the_language_keeps_the_key(site: Site) -> None:  # noqa: F811
    """Who changes the language of a public page still has the key behind the #."""
    row, key = apart(lambda: sent_by_hand(site.world, b"x"))
    page = stranger(site, f"{site.address}/sealed/{row.link}/#{key}")
    page.get_by_role("button", name="EN").click()
    expect(page.get_by_role("heading", name="A sealed file for you")).to_be_visible()
    assert page.url.endswith(f"#{key}")


TOO_WIDE = """Array.from(document.querySelectorAll("main *, .topbar")).filter((each) =>
  each.getBoundingClientRect().right > innerWidth + 1 && !each.closest(".table-scroll, .menu-box, .tabs")
).map((each) => each.outerHTML.slice(0, 80))"""
"""What stands out at the side; tables and tabs have a scroll bar of their own, closed menus are nowhere."""
WAYS = (("fr", "light", 1440), ("en", "dark", 390))


def shelf(world: World) -> dict[str, tuple[str, str]]:
    """Sealed files in every state; for each page its address and who opens it."""
    one = kit.send(world, kit.sealed(), days=30, most_fetches=5)
    kit.fetched(one)
    gone = kit.send(world, kit.sealed())
    sends.revoke(world.user["owner"], gone)
    begun = kit.begin(world, kit.sealed(kit.large()))
    asked = kit.ask(world)
    kit.drop(asked, kit.sealed())
    slug = world.project.slug
    return {
        "list": (reverse("backup:sends", args=[slug]), "owner"),
        "new": (reverse("backup:send-create", args=[slug]), "owner"),
        "file": (one.get_absolute_url(), "owner"),
        "begun": (begun.get_absolute_url(), "owner"),
        "revoked": (gone.get_absolute_url(), "owner"),
        "ask": (reverse("backup:request-create", args=[slug]), "owner"),
        "request": (asked.row.get_absolute_url(), "owner"),
        "receive": (f"/sealed/{one.link}/#{'A' * 43}", "anonymous"),
        "over": (f"/sealed/{gone.link}/", "anonymous"),
        "drop": (f"/sealed/to/{asked.row.link}/#{'A' * 43}", "anonymous"),
    }


def test_pages_are_accessible(site: Site) -> None:  # noqa: F811
    """Every page is clean for axe and as narrow as its screen, down to 320 pixels."""
    pages = apart(lambda: shelf(site.world))
    complaints: list[str] = []
    for language, theme, width in WAYS:
        for who in ("owner", "anonymous"):
            page = site.open("", who, language, theme, width)
            for name, (address, reader) in pages.items():
                if reader != who:
                    continue
                visit(page, site.address + address)
                photograph(page, f"sealed-page-{name}-{width}-{theme}-{language}")
                complaints += [f"{name} {width} {theme}: {found}" for found in violations(page)]
                page.set_viewport_size({"width": min(width, 320) if width < 600 else width, "height": 900})
                complaints += [f"{name}: {wide} is wider than its screen" for wide in page.evaluate(TOO_WIDE)]
                page.set_viewport_size({"width": width, "height": 900})
    assert complaints == []
