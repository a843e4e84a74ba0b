"""The evaluation in a real browser: a set is taken, a run shows its figures, errors are browsed; axe."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from core import jobs
from core.access.demo import World
from prescriptions import services
from tests.e2e.axe import assert_accessible
from tests.e2e.complaints import complaints
from tests.e2e.conftest import Site, apart
from tests.e2e.pictures import photograph
from tests.e2e.quiet import visit

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def ran(world: World) -> tuple[str, ...]:
    """The addresses of two finished runs over a set with misprints, of its errors and of one case."""
    actor = world.user["researcher"]
    held = services.add_own_set(actor, world.project, "own-noisy")
    runs = [services.start_run(actor, held, "grammar", threshold)[0] for threshold in (0.8, 0.95)]
    jobs.run_waiting()
    first, second = (run.get_absolute_url() for run in runs)
    return (held.get_absolute_url(), first, f"{first}cases/?kind=wrong", f"{first}cases/83/",
            f"{second}compare/?with={runs[0].pk}")  # fmt: skip


def test_from_a_set_to_an_error(site: Site) -> None:
    """Take the suite's set, start a run, see its figures, go to the errors and to one case: all by its words."""
    page = site.open(f"/projects/{site.world.project.slug}/prescriptions/evaluation/", "researcher", "en")
    page.get_by_role("button", name="Worked cases with misprints").click()
    page.get_by_role("button", name="Start the run").click()
    apart(jobs.run_waiting)
    page.reload()
    expect(page.get_by_text("Lines read exactly")).to_be_visible()
    expect(page.locator(".rx-plot")).to_have_count(2)
    page.get_by_role("link", name="Browse the errors").click()
    page.locator("tbody a").first.click()
    expect(page.get_by_role("columnheader", name="Expected")).to_be_visible()
    page.get_by_role("link", name="Next error").click()
    expect(page.get_by_role("link", name="Error before")).to_be_visible()


def test_every_page_is_accessible(site: Site) -> None:
    """Sets, a run, its errors, a case and a comparison: axe finds nothing, and nothing is wider than the screen."""
    home = f"/projects/{site.world.project.slug}/prescriptions/evaluation/"
    assert complaints(site, {"empty": home}, "evaluation", "researcher") == []
    places = (home, f"{home}sets/new/", *apart(lambda: ran(site.world)))
    assert complaints(site, dict(zip("0123456", places, strict=True)), "evaluation", "researcher") == []


@pytest.mark.parametrize(("language", "theme", "width"), [("fr", "light", 1440), ("en", "dark", 390)])
def test_alerts_are_accessible(site: Site, language: str, theme: str, width: int) -> None:
    """A prescription with dangers, warnings and notes: axe finds nothing, and nothing is wider than the screen."""
    text = (
        "AMLODIPINE 5 mg : 10 cp le matin\nDOLIPRANE 1000 mg : 2 cp x4/j\nLAMALINE : 1 gélule le soir\n"
        "METHOTREXATE 2,5 mg : 6 cp par jour\nLANTUS : 20 mL le soir"
    )
    path = apart(
        lambda: services.structure_text(site.world.user["researcher"], site.world.project, text).get_absolute_url()
    )
    page = site.open(path, "researcher", language, theme, width)
    expect(page.locator(".rx-alert").first).to_be_visible()
    look(page, site, path, f"alerts-{language}-{width}")


def look(page: Page, site: Site, path: str, name: str) -> None:
    visit(page, site.address + path)
    assert_accessible(page)
    too_wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not page.evaluate(too_wide), path
    photograph(page, f"evaluation-{name}")
