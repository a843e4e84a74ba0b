"""A machine that saved twice, and the page of its files in a browser that asks nobody where to save."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import Page, expect

from backup.models import Snapshot
from backup.services import watching
from tests.backup import portal
from tests.backup.agents.machines import Computer

if TYPE_CHECKING:
    from tests.e2e.conftest import Site

PHRASE = "une phrase de passe"
NAME = "Dossier de Mme Étrange.txt"
IMAGE = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000a49444154789c6300010000050001"
    "0d0a2db40000000049454e44ae426082"
)
CHOSEN = """
delete window.showSaveFilePicker;
window.showDirectoryPicker = async () =>
  (await navigator.storage.getDirectory()).getDirectoryHandle("chosen", { create: true });
"""
READ = """async () => {
  const found = {};
  const walk = async (folder, path) => {
    for await (const [name, handle] of folder.entries())
      if (handle.kind === "directory") await walk(handle, `${path}${name}/`);
      else found[path + name] = await (await handle.getFile()).text();
  };
  await walk(await (await navigator.storage.getDirectory()).getDirectoryHandle("chosen", { create: true }), "");
  return found;
}"""


@dataclass
class Ward:
    """A machine that saved twice into a repository of the portal, with the program that machines have."""

    site: Site
    kept: portal.Kept
    computer: Computer
    rows: list[Snapshot]

    def visit(
        self,
        language: str,
        theme: str = "light",
        width: int = 1440,
        row: Snapshot | None = None,
        before: Callable[[Page], object] | None = None,
    ) -> Page:
        """The page of the files of a backup (the newest), in a browser that asks nobody where to save."""
        page = self.site.open("", "owner", language, theme, width)
        page.add_init_script(CHOSEN)
        if before:
            before(page)
        page.goto(self.site.address + self.address(row))
        return page

    @property
    def data(self) -> Path:
        return self.computer.data

    @property
    def folder(self) -> str:
        """Of the data, in the snapshot."""
        return str(self.data).lstrip("/")

    def address(self, row: Snapshot | None = None) -> str:
        return f"{(row or self.rows[-1]).get_absolute_url()}files/"

    def save(self) -> None:
        self.computer("-r", self.kept.repository.path, "-k", "writer.key", "save", "--source", "ward", self.data)
        watching.watch_all()
        self.rows = list(Snapshot.objects.filter(source="ward").order_by("sequence"))


def prepare(site: Site, base: Path) -> Ward:
    """A ward that has saved twice: between the two a file came, one went, one has another content, one other rights."""
    made = Ward(site, portal.keep(site.world, base, PHRASE), Computer(base / "computer"), [])
    own = made.computer.base
    for name, text in (("master.key", made.kept.keyfile), ("phrase", PHRASE)):
        (own / name).write_text(text)
        (own / name).chmod(0o600)
    derive = ("key", "derive", "--master", "master.key", "--passphrase-file", "phrase", "--type", "writer")
    made.computer("-r", made.kept.repository.path, *derive, "-o", "writer.key")
    (made.data / "letters" / NAME).write_text("La patiente va mieux.\n")
    (made.data / "letters" / "mark.png").write_bytes(IMAGE)
    (made.data / "letters" / "link").symlink_to("a.txt")
    made.save()
    (made.data / "letters" / "a.txt").write_text("another letter\n")
    (made.data / "numbers.bin").unlink()
    (made.data / "new.csv").write_text("a;b\n" * 1000)
    (made.data / "letters" / NAME).chmod(0o600)
    made.save()
    return made


def give(page: Page, text: str, phrase: str = PHRASE, reason: str = "Exercice") -> None:
    """The key, and why."""
    page.locator("#keyfile").set_input_files({"name": "k", "mimeType": "text/plain", "buffer": text.encode()})
    page.locator("#passphrase").fill(phrase)
    page.locator("#reason").fill(reason)
    page.locator("[data-part=open]").click()


def enter(page: Page, path: str) -> None:
    """Go down a path of the snapshot, one folder after the other."""
    for name in path.split("/"):
        page.locator("[data-part=list]").get_by_role("button", name=name, exact=True).click()
        expect(page.locator("[data-part=crumbs] [aria-current]")).to_have_text(name)
