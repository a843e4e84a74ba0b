"""Long work in a real browser: seen live, over a socket or without one, stopped by keyboard; the audit trail read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import timezone
from playwright.sync_api import Route, expect

from core import audit
from core.audit import sealing, signing
from core.jobs import execution, live, registry, task
from core.jobs.models import Job
from tests.e2e.axe import assert_accessible
from tests.e2e.conftest import Site, apart

pytestmark = pytest.mark.e2e

NO_SOCKETS = "window.WebSocket = class extends EventTarget { readyState = 3; close() {} }"
"""A proxy that lets no socket through."""


@pytest.fixture
def job(site: Site) -> Iterator[Job]:
    """A job of the clinician that a worker has taken up."""
    before = dict(registry._tasks)
    task("jobs.try_out", label="Compter les lits")(lambda run: None)
    job = Job.objects.create(
        task="jobs.try_out", owner=site.world.user["member"], project=site.world.project, queue="default"
    )
    apart(lambda: execution.take(job.pk))
    yield job
    registry._tasks.clear()
    registry._tasks.update(before)


def report(job: Job, **news: object) -> None:
    """What the worker writes, and the bell it rings."""

    def write() -> None:
        Job.objects.filter(pk=job.pk).update(**news)
        live.changed(job.pk)

    apart(write)


def end(job: Job) -> None:
    report(job, state="done", ended_at=timezone.now(), lease_until=None, result={"url_name": "jobs:list"})


@pytest.mark.parametrize("sockets", [True, False], ids=["over a socket", "without one"])
def test_progress_is_seen_live(site: Site, job: Job, sockets: bool) -> None:
    """The bar, the words and the end of a job appear without loading the page again, and lead to the result."""
    page = site.open("", "member")
    if not sockets:
        page.add_init_script(NO_SOCKETS)
    page.goto(f"{site.address}/jobs/{job.pk}/")
    report(job, done=620, total=1240, message="Lecture des lignes")
    expect(page.locator("[data-part=message]")).to_have_text("Lecture des lignes", timeout=20_000)
    expect(page.locator("progress[data-part=bar]")).to_have_attribute("value", "620")
    expect(page.locator("main [data-part=status]")).to_contain_text("620")
    end(job)
    expect(page.get_by_role("link", name="Ouvrir le résultat")).to_be_visible(timeout=20_000)


def test_who_leaves_is_not_held_back(site: Site, job: Job) -> None:
    """When the job ends while a slow page is on its way, the reader still arrives there."""
    page = site.open(f"/jobs/{job.pk}/", "member")
    page.evaluate("addEventListener('job-ended', () => console.log('ended'))")
    waiting: list[Route] = []
    page.route("**/search/", lambda route: waiting.append(route))
    with page.expect_request("**/search/"):
        page.evaluate("location.assign('/search/')")
    with page.expect_console_message(lambda message: message.text == "ended"):
        end(job)
    waiting[0].continue_()
    expect(page).to_have_url(f"{site.address}/search/")


def test_a_job_is_stopped_by_keyboard(site: Site, job: Job) -> None:
    """The button is reached and pressed by keyboard; the page says that the job is stopping."""
    page = site.open(f"/jobs/{job.pk}/", "member")
    page.get_by_role("button", name="Annuler la tâche").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Arrêt en cours…").first).to_be_visible(timeout=20_000)
    assert apart(lambda: Job.objects.get(pk=job.pk).cancel_asked_at) is not None


def test_looking_on_is_no_use_of_the_session(site: Site, job: Job) -> None:
    """What the clock and the socket fetch says that nobody asked for it."""
    page = site.open("", "member")
    page.add_init_script(NO_SOCKETS)
    with page.expect_request(f"**/jobs/{job.pk}/progress/") as progress:
        page.goto(f"{site.address}/jobs/{job.pk}/")
    assert progress.value.headers.get("x-background") == "1"
    with page.expect_request("**/notices/bell/") as bell:
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    assert bell.value.headers.get("x-background") == "1"
    with page.expect_request("**/notices/bell/") as opened:
        page.locator("notice-bell summary").click()
    assert "x-background" not in opened.value.headers


def test_a_refused_cancel_says_so(site: Site, job: Job) -> None:
    """What the server refuses is said in words, and the button can be pressed again."""
    page = site.open(f"/jobs/{job.pk}/", "member")
    page.route("**/cancel/", lambda route: route.fulfill(status=503, body=""))
    button = page.get_by_role("button", name="Annuler la tâche")
    button.click()
    expect(page.locator(".toasts .toast-error")).to_be_visible()
    expect(button).to_be_enabled()
    page.unroute("**/cancel/")
    page.evaluate("window.said = document.querySelector('main [data-part=status]')")
    button.click()
    expect(page.get_by_text("Arrêt en cours…").first).to_be_visible()
    assert page.evaluate("window.said.isConnected"), "the status is said by a region that is there already"


@pytest.mark.parametrize(
    ("language", "theme", "width"), [("fr", "light", 1440), ("en", "dark", 390), ("fr", "dark", 390)]
)
def test_pages_are_accessible(site: Site, job: Job, language: str, theme: str, width: int) -> None:
    """axe finds nothing on the pages of jobs and of the audit trail, and nothing is wider than the page."""
    report(job, done=620, total=1240, message="Lecture des lignes")
    project = site.world.project
    audit.record(site.world.user["member"], "jobs.job_submitted", job, reason="À la demande du centre")
    sealing.seal()
    signing.sign()
    audit.record(site.world.user["owner"], "access.refused", project, project=project, outcome="refused")
    for path in (f"/projects/{project.slug}/audit/", "/jobs/", f"/jobs/{job.pk}/"):
        page = site.open(path, "owner", language, theme, width)
        page.wait_for_load_state("load")
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
