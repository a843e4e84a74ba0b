"""The pages of the backups in a real browser: nothing for axe to find, nothing wider than the screen."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from playwright.sync_api import expect

from backup.models import Repository, Snapshot
from backup.services import alerting, allowances, openings
from core.jobs import execution
from tests.backup import portal
from tests.backup.founding import found
from tests.e2e.axe import assert_accessible
from tests.e2e.complaints import complaints
from tests.e2e.conftest import apart, chromium, server, site  # noqa: F401 (fixtures)
from tests.e2e.pictures import photograph

if TYPE_CHECKING:
    from pytest_django import Settings

    from tests.e2e.conftest import Site

pytestmark = pytest.mark.slow
WAYS = (("fr", "light", 1440), ("en", "dark", 390))


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
                    fresh=(3 << 29) if day == 30 else (1 << 25),
                    changed=12 + day,
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
    waiting = found(owner, world.project, name="Coffre du CHU", folder=str(folder)).repository
    Repository.objects.filter(pk=kept.repository.pk).update(quota=2_000_000_000, used=1_400_000_000)
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
        "alerts": page("alerts"),
        "alert": kept.repository.alerts.get(kind="dense").get_absolute_url(),
        "calendar": page("calendar"),
        "day": page("day", (timezone.localdate() - timedelta(days=9)).isoformat()),
        "sources": page("sources"),
        "source": page("growth", kept.repository.pk) + "?source=imagerie",
        "growth": page("growth", kept.repository.pk),
        "snapshots": page("snapshots"),
        "plans": page("plans"),
        "repositories": page("repositories"),
        "new-repository": page("repository-create"),
        "repository": kept.repository.get_absolute_url(),
        "change-repository": page("repository-change", kept.repository.pk),
        "defaults": page("repository-defaults", kept.repository.pk),
        "key": page("repository-key", kept.repository.pk),
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
    assert complaints(site, pages, "backup") == []


@pytest.mark.e2e
def test_the_allowance_is_accessible(site: Site, settings: Settings, tmp_path: Path) -> None:  # noqa: F811
    """The pages of allowances are clean for axe and as narrow as their screen, for who administers an organisation."""
    settings.BACKUP_FOLDERS = [tmp_path]
    apart(lambda: portal.keep(site.world, tmp_path))
    apart(lambda: allowances.set_allowance(site.world.user["administrator"], site.world.organisation, 1 << 40))
    own = reverse("backup_allowances:of_organisation", args=[site.world.organisation.slug])
    for language, theme, width in WAYS:
        for name, address in (("allowance", own), ("allowances", reverse("backup_allowances:list"))):
            page = site.open(address, "administrator", language, theme, width)
            photograph(page, f"backup-{name}-{width}-{theme}-{language}")
            assert_accessible(page)
            assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.e2e
def test_a_plot_is_kept_as_a_picture(site: Site, settings: Settings, tmp_path: Path) -> None:  # noqa: F811
    """A plot is downloaded as SVG and as PNG, with its title and in the colours of print, from a dark page too."""
    settings.BACKUP_FOLDERS = [tmp_path]
    kept = apart(lambda: portal.keep(site.world, tmp_path))
    apart(lambda: weeks(kept))
    address = reverse("backup:growth", args=[site.world.project.slug, kept.repository.pk])
    page = site.open(address, "owner", "fr", "dark", 390)
    for kind in ("svg", "png"):
        with page.expect_download() as coming:
            page.locator(f"[data-kind={kind}]").first.click()
        assert coming.value.suggested_filename == f"backups-growth.{kind}"
        content = Path(coming.value.path()).read_bytes()
        if kind == "svg":
            assert "Ce qui est sauvegardé".encode() in content
            assert b"#0072b2" in content
            assert b"class=" not in content
        else:
            picture = Image.open(io.BytesIO(content)).convert("RGB")
            assert picture.width > 1500
            assert picture.getpixel((2, 2)) == (255, 255, 255)
            assert (0, 0x72, 0xB2) in {colour for _count, colour in picture.getcolors(1 << 20) or ()}


@pytest.mark.e2e
def test_a_phone_shows_the_newest_day_first(site: Site, settings: Settings, tmp_path: Path) -> None:  # noqa: F811
    """On a phone the five weeks begin at today, beside the names of the sources; the days before are scrolled to."""
    settings.BACKUP_FOLDERS = [tmp_path]
    kept = apart(lambda: portal.keep(site.world, tmp_path))
    apart(lambda: weeks(kept))
    page = site.open(reverse("backup:home", args=[site.world.project.slug]), "owner", "fr", "light", 390)
    today = page.locator(".calendar thead th").last
    box = today.bounding_box()
    assert box is not None
    assert 0 < box["x"] < 390 - box["width"]


@pytest.mark.e2e
def test_the_calendar_by_keyboard(site: Site, settings: Settings, tmp_path: Path) -> None:  # noqa: F811
    """Arrows go from day to day, Page Up to the month before, and Enter opens the list of a day."""
    settings.BACKUP_FOLDERS = [tmp_path]
    kept = apart(lambda: portal.keep(site.world, tmp_path))
    apart(lambda: weeks(kept))
    page = site.open(reverse("backup:calendar", args=[site.world.project.slug]) + "?month=2026-10", "owner", "fr")
    page.locator("a.month-day").first.focus()
    for key, day in (("ArrowRight", "02"), ("ArrowDown", "09"), ("ArrowLeft", "08"), ("ArrowUp", "01")):
        page.keyboard.press(key)
        expect(page.locator("a.month-day:focus")).to_have_attribute("href", re.compile(f"2026-10-{day}"))
    page.keyboard.press("PageUp")
    expect(page.get_by_role("heading", name="Septembre 2026")).to_be_visible()
    page.locator("a.month-day").nth(2).focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("calendar/2026-09-03/$"))


@pytest.mark.e2e
def test_a_key_is_confirmed_later(site: Site, settings: Settings, tmp_path: Path) -> None:  # noqa: F811
    """A repository that a program registered is confirmed on its page, by the code that stands in the keyfile."""
    settings.BACKUP_FOLDERS = [tmp_path]
    page = site.open(reverse("backup:home", args=[site.world.project.slug]), "owner", "fr")
    photograph(page, "backup-empty-1440")
    assert_accessible(page)
    expect(page.get_by_role("link", name="Créer un dépôt")).to_be_visible()
    made = apart(lambda: found(site.world.user["owner"], site.world.project, name="Coffre"))
    page.goto(site.address + apart(made.repository.get_absolute_url))
    page.get_by_label("Code de contrôle").fill("0000-0000")
    page.get_by_role("button", name="Confirmer la clé").click()
    expect(page.get_by_role("alert")).to_contain_text("code de contrôle")
    photograph(page, "backup-refused-1440")
    [control] = [line.removeprefix("Control: ") for line in made.keyfile.splitlines() if line.startswith("Control: ")]
    page.get_by_label("Code de contrôle").fill(control)
    page.get_by_role("button", name="Confirmer la clé").click()
    expect(page.get_by_role("heading", name="Coffre")).to_be_visible()
    assert apart(lambda: Repository.objects.get().is_confirmed)
