"""The pages that say where backups are kept, in a real browser."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from backup.models import Repository
from backup.services import alerting, plans
from core.jobs import execution
from tests.backup import portal
from tests.backup.founding import found
from tests.backup.places.conftest import WHERE, Declare, of_bucket
from tests.backup.stores.conftest import Provider
from tests.e2e.complaints import complaints
from tests.e2e.conftest import apart, chromium, server, site  # noqa: F401 (fixtures)

if TYPE_CHECKING:
    from pytest_django import Settings

    from tests.e2e.conftest import Site

pytestmark = pytest.mark.e2e


def shelf(site: Site, folder: Path) -> dict[str, str]:  # noqa: F811
    """A repository of each kind of place, one of them away, and a plan of the whole instance."""
    world = site.world
    owner = world.user["owner"]
    owner.is_administrator = True
    owner.save(update_fields=["is_administrator"])
    portal.fill(world)
    kept = portal.keep(world, Path(WHERE))
    kept.save()
    beside = found(owner, world.project, name="À côté des données").repository
    found(owner, world.project, name="Baie du sous-sol", folder=str(folder))
    away = found(owner, world.project, name="Archives du second site, bâtiment des archives", folder=WHERE).repository
    Repository.objects.filter(pk__in=(beside.pk, away.pk)).update(
        confirmed_at=kept.repository.confirmed_at, confirmed_by=owner
    )
    alerting.settle(away, [alerting.Found("unreachable")])
    plan = plans.create_plan(
        owner, world.project, name="Toute l’instance", repository=kept.repository, every="daily 03:00", instance=True
    )
    execution.execute(plans.run_plan(owner, plan).pk, threaded=False)

    def page(name: str) -> str:
        return reverse(f"backup:{name}", args=[world.project.slug])

    return {
        "home": page("home"),
        "new-repository": page("repository-create"),
        "locked": kept.repository.get_absolute_url(),
        "beside": beside.get_absolute_url(),
        "away": away.get_absolute_url(),
        "new-plan": page("plan-create"),
        "instance-plan": plan.get_absolute_url(),
    }


def test_pages_are_accessible(
    site: Site,  # noqa: F811
    settings: Settings,
    provider: Provider,
    declare: Declare,
    tmp_path: Path,
) -> None:
    """Each is clean for axe and as narrow as its screen, in both languages; a place is chosen by keyboard."""
    settings.BACKUP_FOLDERS = [tmp_path]
    declare(of_bucket(provider, tmp_path, "&lock=governance:30"))
    pages = apart(lambda: shelf(site, tmp_path))
    assert complaints(site, pages, "places") == []
    page = site.open(pages["new-repository"], "owner", "fr")
    chosen = page.get_by_role("radio", name="Second site, Brest")
    expect(chosen).to_be_checked()
    chosen.focus()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("radio", name=str(tmp_path))).to_be_checked()
