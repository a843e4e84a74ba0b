"""The pages of the backups in a real browser: nothing for axe to find, nothing wider than the screen."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from backup.models import Repository, Snapshot
from backup.services import alerting, openings, repositories
from core.jobs import execution
from tests.backup import portal
from tests.e2e.axe import assert_accessible
from tests.e2e.complaints import complaints
from tests.e2e.conftest import apart, chromium, server, site  # noqa: F401 (fixtures)
from tests.e2e.pictures import photograph

if TYPE_CHECKING:
    from pytest_django import Settings

    from tests.e2e.conftest import Site

WAYS = (("fr", "light", 1440), ("en", "dark", 390), ("fr", "dark", 1440), ("fr", "light", 390))


def weeks(kept: portal.Kept) -> None:
    """What two machines have saved in the last weeks, and what is wrong with it."""
    now, found = timezone.now(), []
    for number, (source, host) in enumerate((("postgres", "db-1"), ("imagerie", "pacs-archive-cardiologie"))):
        for day in range(30, number, -1):
            moment = now - timedelta(days=day)
            found.append(
                Snapshot(
                    project=kept.repository.project,
                    repository=kept.repository,
                    source=source,
                    host=host,
                    writer=f"{number:032x}",
                    sequence=31 - day,
                    snapshot_id=f"{number * 100 + day:064x}",
                    manifest="",
                    datasets=0,
                    files=12_480 + day,
                    bytes=(40 - day) << 28,
                    added=(1 << 30) if day == 30 else (1 << 24),
                    unread=2 if day == 9 else 0,
                    store_differs=False,
                    started_at=moment,
                    finished_at=moment,
                )
            )
    Snapshot.objects.bulk_create(found)
    alerting.settle(
        kept.repository,
        [
            alerting.Found("dense", source="imagerie", details={"percent": 97}),
            alerting.Found("shrunk", source="postgres", details={"percent": 31}),
        ],
    )


def shelf(site: Site, folder: Path) -> dict[str, str]:  # noqa: F811
    """Backups in every state, and the address of each page."""
    world = site.world
    owner = world.user["owner"]
    portal.fill(world)
    kept = portal.keep(world, folder)
    snapshot = kept.save()
    opening = kept.open(snapshot)
    openings.took(owner, opening, files=1204, bytes=5 << 30, left_out=2)
    weeks(kept)
    forgotten = Snapshot.objects.filter(source="postgres").latest("finished_at")
    forgotten.forgotten_at = timezone.now()
    forgotten.save()
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
        "snapshot-forgotten": forgotten.get_absolute_url(),
        "snapshot-files": page("snapshot-files", snapshot.pk),
    }


@pytest.mark.e2e
def test_pages_are_accessible(site: Site, settings: Settings, tmp_path: Path) -> None:  # noqa: F811
    """Every page is clean for axe and as narrow as its screen, in both languages and themes, wide and on a phone."""
    settings.BACKUP_FOLDERS = [tmp_path]
    pages = apart(lambda: shelf(site, tmp_path))
    assert complaints(site, pages, WAYS, "backup") == []


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
