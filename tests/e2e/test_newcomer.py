"""Somebody new: invited by mail, let in, shown round, told of things, and one day removed and told so."""

from __future__ import annotations

import json
import os
import re
import time
from http import HTTPStatus
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Page, expect

from tests.authenticator import code_now
from tests.e2e.axe import assert_accessible
from tests.e2e.conftest import VIEWPORTS
from tests.e2e.pictures import photograph
from tests.e2e.story import PROJECT, Story

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

PASSWORD = "une phrase de bienvenue, longue"
NAME = "Rozenn Le Bihan-Kermorvan"
WORDS = {
    "fr": {
        "other": "en",
        "first": "Commencez ici",
        "tour": "Faire la visite",
        "clinician": "Clinicien",
        "monitor": "Moniteur",
        "told": "a modifié vos droits",
        "help": "Inclure un sujet",
        "over": "Votre accès à un projet a pris fin",
        "ended": "a mis fin à votre accès à « Étude Sepsis »",
        "none": "Vous n’êtes encore dans aucun projet",
    },
    "en": {
        "other": "fr",
        "first": "Begin here",
        "tour": "Take the tour",
        "clinician": "Clinician",
        "monitor": "Monitor",
        "told": "changed what you may do",
        "help": "Include a subject",
        "over": "Your access to a project has been ended",
        "ended": "ended your access to “Étude Sepsis”",
        "none": "You are in no project yet",
    },
}
AT_THE_CONSOLE = """
import datetime as dt
from django.core.management import call_command
from django.utils import timezone
from core.accounts.models import User
from core.inbox import digest
user = User.objects.get(email={email!r})
due = timezone.localtime() + dt.timedelta(days=1)
digest.send_one(user, due, due)
permissions = "access.view_project,ecrf.read_records"
call_command("token", "create", "--user", user.email, "--project", "etude-sepsis", "--permissions", permissions)
"""
"""Lets the hour of the summary come, and makes a token for a program of the newcomer."""


def test_newcomer(story: Story) -> None:
    """From the mail of the invitation to the words that say it is over; nothing is seen after that."""
    email, words = f"rozenn-{story.mark}@demo.example", WORDS[story.language]
    manager, newcomer = story.sign_in("owner"), story.somebody()
    invite(story, manager, email)
    code = arrive(story, newcomer, email)
    be_shown_round(story, newcomer)
    token = be_told(story, manager, newcomer, email)
    assert call(story, token) == HTTPStatus.OK
    find_the_project(story, newcomer)
    settle_in(story, newcomer)
    be_helped(story, newcomer)
    remove(story, manager, newcomer, email)
    assert call(story, token) == HTTPStatus.UNAUTHORIZED
    come_back(story, newcomer, email, code)
    expect(newcomer.locator("#projects ~ .empty-state")).to_contain_text(words["none"])


def look(story: Story, page: Page, step: str) -> None:
    """What one sees at both widths, where somebody wants to look."""
    if "LOOK" not in os.environ:
        return
    for width, size in VIEWPORTS.items():
        page.set_viewport_size(size)
        photograph(page, f"newcomer-{step}-{story.language}-{width}", whole=False)
    page.set_viewport_size(VIEWPORTS[1440])


def invite(story: Story, manager: Page, email: str) -> None:
    """The manager says whom, and as what."""
    story.go(manager, "/members/invite/")
    manager.fill("main [name=email]", email)
    manager.get_by_label(WORDS[story.language]["clinician"], exact=True).check()
    look(story, manager, "01-invite")
    manager.click("main form .btn-primary")
    expect(manager).to_have_url(re.compile("/members/"))


def mailed_link(story: Story, email: str) -> str:
    """The link of the invitation, whose mail names no study: without a mail server the instance prints its mails."""
    until = time.monotonic() + 20
    while True:
        text = (story.suite.folder.logs / "web.log").read_text().rpartition(f"To: {email}")[2]
        if link := re.search(r"http://\S+/invitations/\S+", text):
            assert "Sepsis" not in text.partition("-" * 79)[0]
            return link[0]
        assert time.monotonic() < until, "no mail"
        time.sleep(0.1)


def arrive(story: Story, page: Page, email: str) -> str:
    """The link of the mail, a password, the second factor; gives a recovery code."""
    page.goto(mailed_link(story, email))
    look(story, page, "02-link")
    page.fill("[name=full_name]", NAME)
    page.fill("[name=password]", PASSWORD)
    page.click("main form .btn-primary")
    expect(page.locator("#totp-secret")).to_be_visible()
    look(story, page, "03-factor")
    page.fill("[name=code]", code_now(page.locator("#totp-secret").inner_text()))
    page.click("main form [type=submit]")
    code = page.locator("#recovery-codes li").first.inner_text()
    look(story, page, "04-codes")
    page.click("main a.btn[href='/']")
    expect(page.locator("html")).to_have_attribute("lang", story.language)
    return code


def be_shown_round(story: Story, page: Page) -> None:
    """The first page says what to do first; the tour goes on by arrows, ends by Escape, and isn't offered again."""
    words = WORDS[story.language]
    expect(page.locator("#first-steps")).to_have_text(words["first"])
    assert_accessible(page)
    look(story, page, "05-home")
    page.get_by_role("button", name=words["tour"]).click()
    card = page.get_by_role("dialog")
    expect(card).to_contain_text("1")
    titles = [card.locator("h2").inner_text()]
    assert_accessible(page)
    look(story, page, "06-tour")
    for _step in range(5):
        page.keyboard.press("ArrowRight")
        expect(card.locator("h2")).not_to_have_text(titles[-1])
        titles.append(card.locator("h2").inner_text())
    assert len(set(titles)) == 6
    page.keyboard.press("ArrowLeft")
    expect(card.locator("h2")).to_have_text(titles[-2])
    page.keyboard.press("Escape")
    expect(card).to_have_count(0)
    expect(page.locator("main")).to_be_focused()
    page.reload()
    expect(page.locator("#needs")).to_be_visible()
    expect(page.locator("#first-steps")).to_have_count(0)


def be_told(story: Story, manager: Page, page: Page, email: str) -> str:
    """What the manager changes rings at once on the open page; the mail names no study. Gives a token."""
    words = WORDS[story.language]
    story.go(manager, "/members/")
    manager.locator("#table-members tr", has_text=email).locator("a").first.click()
    manager.get_by_label(words["monitor"], exact=True).check()
    look(story, manager, "07-member")
    manager.click("main form .btn-primary")
    expect(page.locator(".bell-count")).to_have_text("1")
    page.locator(".bell summary").click()
    line = page.locator(".bell-line")
    expect(line).to_contain_text(words["told"])
    look(story, page, "08-bell")

    sent = story.suite.manage("shell", "-v", "0", "-c", AT_THE_CONSOLE.format(email=email)).stdout
    assert f"To: {email}" in sent
    assert words["told"] in sent
    assert "Sepsis" not in sent
    line.click()
    expect(page).to_have_url(f"{story.suite.url}{PROJECT}/")
    expect(page.locator(".bell-count")).to_have_count(0)
    return sent.strip().splitlines()[-1]


def find_the_project(story: Story, page: Page) -> None:
    """By the palette, and by the search without accents."""
    page.goto(f"{story.suite.url}/search/?q=etude+sep")
    expect(page.locator("main .hit").first).to_contain_text("Étude Sepsis")
    look(story, page, "09-search")
    page.keyboard.press("Control+k")
    page.keyboard.type("sepsis")
    expect(page.locator("#palette-results .hit[aria-selected=true]")).to_contain_text("Étude Sepsis")
    look(story, page, "10-palette")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{story.suite.url}{PROJECT}/")
    look(story, page, "11-project")
    page.locator(".tool-card.tool-ecrf").click()
    expect(page.locator(".subject-grid, .table-results").first).to_be_visible()
    look(story, page, "12-tool")


def settle_in(story: Story, page: Page) -> None:
    """The language changes where one is and is kept with the account; so are the colours."""
    other = WORDS[story.language]["other"]
    page.locator(f".language-switch [value={other}]").click()
    expect(page.locator("html")).to_have_attribute("lang", other)
    page.locator(f".language-switch [value={story.language}]").click()
    expect(page.locator("html")).to_have_attribute("lang", story.language)
    page.locator(".theme-switch summary").click()
    with page.expect_response("**/settings/theme/"):
        page.locator("[data-theme-choice=dark]:is(button)").click()
    page.goto(f"{story.suite.url}/settings/")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    look(story, page, "13-settings")


def be_helped(story: Story, page: Page) -> None:
    """The help is that of the tool one is in; from it the tour of the tool begins, and goes on on its second page."""
    story.go(page, "/forms/")
    page.keyboard.press("?")
    help_panel = page.locator("#help")
    expect(help_panel.locator(".help-section").first).to_contain_text(WORDS[story.language]["help"])
    look(story, page, "14-help")
    help_panel.locator("[data-start-tour]").click()
    expect(help_panel).to_be_hidden()
    card = page.locator(".tour-card")
    expect(card).to_be_visible()
    assert_accessible(page)
    look(story, page, "15-tool-tour")
    while page.url.endswith("/forms/"):
        before = card.locator("h2").inner_text()
        page.keyboard.press("ArrowRight")
        expect(card.locator("h2")).not_to_have_text(re.compile(f"^({re.escape(before)})?$"))
    look(story, page, "16-tour-goes-on")
    page.keyboard.press("Escape")
    expect(card).to_be_hidden()
    story.go(page, "/forms/")
    expect(page.locator("main")).to_be_visible()
    expect(page.locator(".tour-offer")).to_have_count(0)


def remove(story: Story, manager: Page, page: Page, email: str) -> None:
    """The page that was open is left by itself, the moment its reader is removed, and says why."""
    expect(page.locator("#table-subjects, .table-results").first).to_be_visible()
    story.go(manager, "/members/")
    manager.locator("#table-members tr", has_text=email).locator("[data-open-dialog]").click()
    look(story, manager, "17-remove")
    manager.locator("dialog[open] button.btn-danger").click()
    expect(page).to_have_url(re.compile(re.escape("/accounts/login/")))
    expect(page.locator(".announcement")).to_contain_text(WORDS[story.language]["over"])
    assert "Sepsis" not in page.locator("body").inner_text()
    assert_accessible(page)
    look(story, page, "18-told")


def come_back(story: Story, page: Page, email: str, code: str) -> None:
    """The account is still there: it says by whom the access was ended; the study's pages are those of a stranger."""
    page.goto(f"{story.suite.url}/accounts/login/")
    page.fill("[name=login]", email)
    page.fill("[name=password]", PASSWORD)
    page.click("main form [type=submit] >> nth=0")
    page.locator("[name=code]").fill(code)
    page.click("main form [type=submit] >> nth=0")
    expect(page.locator("#told ~ ul")).to_contain_text(WORDS[story.language]["ended"])
    look(story, page, "19-back")
    for path in ("/", "/forms/", "/members/"):
        answer = page.request.get(f"{story.suite.url}{PROJECT}{path}")
        assert answer.status == HTTPStatus.NOT_FOUND
    found = page.request.get(f"{story.suite.url}/search/?q=sepsis")
    assert PROJECT not in found.text()
    story.go(page, "/forms/")
    look(story, page, "20-gone")
    page.goto(story.suite.url)


def call(story: Story, token: str) -> int:
    """What the program is answered."""
    request = Request(f"{story.suite.url}/api/v1/ecrf/subjects/", headers={"Authorization": f"Bearer {token}"})  # noqa: S310
    try:
        with urlopen(request, timeout=60) as answer:  # noqa: S310
            assert json.load(answer)["results"]
            return int(answer.status)
    except HTTPError as error:
        with error:
            return error.code
