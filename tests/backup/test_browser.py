"""The pages of the backups in a real browser: nothing for axe to find, nothing wider than the screen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from backup.models import Repository
from backup.services import repositories
from core.jobs import execution
from tests.backup import portal
from tests.e2e.axe import assert_accessible, violations
from tests.e2e.conftest import apart, chromium, server, site  # noqa: F401 (fixtures)
from tests.e2e.pictures import photograph
from tests.e2e.quiet import visit

if TYPE_CHECKING:
    from pytest_django import Settings

    from tests.e2e.conftest import Site

WAYS = (("fr", "light", 1440), ("en", "dark", 390), ("fr", "dark", 1440), ("en", "light", 390))


def shelf(site: Site, folder: Path) -> dict[str, str]:  # noqa: F811
    """Backups in every state, and the address of each page."""
    world = site.world
    owner = world.user["owner"]
    portal.fill(world)
    kept = portal.keep(world, folder)
    snapshot = kept.save()
    restored = kept.restore(snapshot)
    waiting = repositories.create_repository(owner, world.project, name="Coffre du CHU", folder=str(folder)).repository
    late = portal.plans.create_plan(
        owner,
        world.project,
        name="Un nom de plan long de quatre-vingts caractères, comme on en écrit quand on veut",
        repository=kept.repository,
        datasets=True,
        files=False,
        every="weekly sat 03:00",
    )
    kept.repository.path.rename(folder / "away")
    execution.execute(portal.plans.run_plan(owner, late).pk, threaded=False)
    (folder / "away").rename(kept.repository.path)

    def page(name: str, *arguments: object) -> str:
        return reverse(f"backup:{name}", args=[world.project.slug, *arguments])

    return {
        "home": page("home"),
        "new-repository": page("repository-create"),
        "repository": kept.repository.get_absolute_url(),
        "unconfirmed": waiting.get_absolute_url(),
        "new-plan": page("plan-create"),
        "plan": kept.plan.get_absolute_url(),
        "failed-plan": late.get_absolute_url(),
        "snapshot": snapshot.get_absolute_url(),
        "restore-form": page("restore-ask", snapshot.pk),
        "restored": restored.get_absolute_url(),
    }


@pytest.mark.e2e
def test_pages_are_accessible(site: Site, settings: Settings, tmp_path: Path) -> None:  # noqa: F811
    """Every page is clean for axe and as narrow as its screen, in both languages and themes, wide and on a phone."""
    settings.BACKUP_FOLDERS = [tmp_path]
    pages = apart(lambda: shelf(site, tmp_path))
    complaints: list[str] = []
    for language, theme, width in WAYS:
        page = site.open("", "owner", language, theme, width)
        for name, address in pages.items():
            visit(page, site.address + address)
            photograph(page, f"backup-{name}-{width}-{theme}-{language}")
            complaints += [f"{name} {width} {theme}: {found}" for found in violations(page)]
            if page.evaluate("document.documentElement.scrollWidth") > width:
                complaints.append(f"{name} is wider than {width}")
        page.context.close()
        site.contexts.clear()
    assert complaints == []


@pytest.mark.e2e
def test_the_key_is_saved_and_confirmed(site: Site, settings: Settings, tmp_path: Path) -> None:  # noqa: F811
    """In the browser a repository is made, its key downloaded, and confirmed by the code that stands in the file."""
    settings.BACKUP_FOLDERS = [tmp_path]
    page = site.open(reverse("backup:home", args=[site.world.project.slug]), "owner", "fr")
    photograph(page, "backup-empty-1440")
    assert_accessible(page)
    page.get_by_role("link", name="Créer un dépôt").click()
    page.get_by_label("Nom", exact=True).fill("Coffre")
    page.get_by_role("button", name="Créer le dépôt et sa clé").click()
    expect(page.get_by_role("link", name="Télécharger la clé")).to_be_visible()
    photograph(page, "backup-key-1440")
    assert_accessible(page)
    with page.expect_download() as coming:
        page.get_by_role("link", name="Télécharger la clé").click()
    text = Path(coming.value.path()).read_text()
    [control] = [line.removeprefix("Control: ") for line in text.splitlines() if line.startswith("Control: ")]
    page.get_by_label("Code de contrôle").fill("0000-0000")
    page.get_by_role("button", name="Confirmer la clé").click()
    expect(page.get_by_role("alert")).to_contain_text("code de contrôle")
    photograph(page, "backup-refused-1440")
    page.get_by_label("Code de contrôle").fill(control)
    page.get_by_role("button", name="Confirmer la clé").click()
    expect(page.get_by_role("heading", name="Coffre")).to_be_visible()
    assert apart(lambda: Repository.objects.get().is_confirmed)
