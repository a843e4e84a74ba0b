"""Participants in a real browser: from a mail on a phone to the thanks, on a tablet, in Arabic and large print."""

from __future__ import annotations

import pytest
from django.core import mail
from django.urls import reverse
from playwright.sync_api import Page, expect

from ecrf import services
from ecrf.models import Entry, Fragment, Invitation, Questionnaire, Subject
from ecrf.services import participants
from ecrf.services.participants import duties
from tests.e2e.axe import assert_accessible
from tests.e2e.conftest import Site, apart
from tests.e2e.pictures import photograph
from tests.ecrf.diary import invited, questionnaire

pytestmark = pytest.mark.e2e
INSTRUCTIONS = {"en": "A few questions about your day.\nThey take two minutes.", "ar": "بعض الأسئلة عن يومك"}


@pytest.fixture
def asked(site: Site) -> Questionnaire:
    texts = {"title": {"en": "Your diary", "ar": "مذكراتك"}, "instructions": INSTRUCTIONS}
    return apart(lambda: questionnaire(site.world, texts=texts, keep_copy=True))


@pytest.fixture
def subject(site: Site) -> Subject:
    return apart(lambda: services.include_subject(site.world.user["member"], site.world.site_a))


def mailed(site: Site, asked: Questionnaire, subject: Subject) -> str:
    """The address of the link that came by mail, at the server of the test."""

    def send() -> str:
        invited(site.world, asked, subject)
        duties.tick()
        lines = str(mail.outbox[-1].body).splitlines()
        return next(line for line in lines if "/participate/#" in line)

    return site.address + "/" + apart(send).partition("8000/")[2]


def saved(page: Page) -> None:
    expect(page.locator("[data-save-state]")).to_contain_text("Saved at")


def test_from_the_mail_to_the_thanks(site: Site, asked: Questionnaire, subject: Subject) -> None:
    """On a phone: the link's secret leaves the address, answers are saved as one goes, gone on with elsewhere, sent."""
    link = mailed(site, asked, subject)
    page = site.open("", who="anonymous", language="en", width=390)
    heard: list[str] = []
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.goto(link)
    page.wait_for_url("**/participate/fill/")
    page.get_by_role("button", name="Begin").click()
    assert_accessible(page)
    photograph(page, "participant-phone")
    page.get_by_label("Your pain").fill("14")
    page.get_by_role("button", name="Look through my answers").click()
    expect(page.locator(".field-error")).to_be_visible()
    page.get_by_label("Your pain").fill("4")
    saved(page)
    page.get_by_role("button", name="I’d rather not say Did you sleep well?").click()
    page.get_by_role("button", name="Go on later").click()
    code = page.locator("[data-code]").inner_text()
    assert_accessible(page)
    photograph(page, "participant-later")
    page.get_by_role("button", name="Close my questionnaire here").click()
    expect(page.get_by_role("heading", name="See you soon")).to_be_visible()
    page.goto(site.address + reverse("participate:fill"))
    expect(page.get_by_text("Your visit has ended")).to_be_visible()

    other = site.open(reverse("participate:come_back"), who="anonymous", language="en", width=1440)
    other.get_by_label("Your code").fill(code.lower())
    other.get_by_role("button", name="Go on").click()
    expect(other.get_by_label("Your pain")).to_have_value("4")
    expect(other.get_by_role("button", name="I’d rather not say Did you sleep well?")).to_have_attribute(
        "aria-pressed", "true"
    )
    other.get_by_label("Weight").fill("80.5")
    other.get_by_role("button", name="Look through my answers").click()
    expect(other.locator(".answers")).to_contain_text("80.5")
    assert_accessible(other)
    photograph(other, "participant-review")
    other.get_by_role("button", name="Send my answers").click()
    expect(other.get_by_role("heading", name="Thank you")).to_be_visible()
    expect(other.get_by_role("button", name="Print my answers")).to_be_visible()
    photograph(other, "participant-thanks")
    page.goto(link)
    expect(page.get_by_role("alert")).to_contain_text("already sent")
    values = apart(lambda: dict(Entry.objects.get(subject=subject).values))
    assert values == {"pain": "4", "weight": "80.5"}
    assert heard == []


def test_what_the_team_does_meanwhile(site: Site, asked: Questionnaire, subject: Subject) -> None:
    """Withdrawn while he types, he is told so and sees what he typed last; on a tablet, only the PIN leads back."""
    link = mailed(site, asked, subject)
    page = site.open("", who="anonymous", language="en", width=390)
    page.goto(link)
    page.get_by_role("button", name="Begin").click()
    page.get_by_label("Your pain").fill("4")
    saved(page)
    apart(lambda: participants.revoke(site.world.user["member"], Invitation.objects.get()))
    page.get_by_label("Weight").fill("71")
    expect(page.get_by_role("alert")).to_contain_text("withdrawn")
    expect(page.locator(".answers")).to_contain_text("71")
    photograph(page, "participant-withdrawn")

    project = site.world.project.slug
    another = apart(lambda: services.include_subject(site.world.user["member"], site.world.site_a).pk)
    tablet = site.open(reverse("ecrf:hand_over", args=[project, another]), who="member", language="en")
    tablet.get_by_label("Your PIN").fill("2468")
    tablet.get_by_label("The PIN again").fill("2468")
    photograph(tablet, "participant-hand-over")
    tablet.get_by_role("button", name="Hand over the tablet").click()
    tablet.wait_for_url("**/participate/fill/")
    tablet.go_back()
    expect(tablet.get_by_label("Password")).to_be_visible()
    tablet.goto(site.address + reverse("ecrf:home", args=[project]))
    expect(tablet.get_by_label("Password")).to_be_visible()
    tablet.goto(site.address + reverse("participate:fill"))
    tablet.get_by_role("button", name="Begin").click()
    tablet.get_by_label("Your pain").fill("7")
    tablet.get_by_role("button", name="Look through my answers").click()
    tablet.get_by_role("button", name="Send my answers").click()
    expect(tablet.get_by_text("Please give the tablet back now")).to_be_visible()
    assert_accessible(tablet)
    photograph(tablet, "participant-tablet")
    tablet.get_by_label("Your PIN").fill("1357")
    tablet.get_by_role("button", name="Take the tablet back").click()
    expect(tablet.get_by_role("alert")).to_contain_text("Tries left: 4")
    tablet.get_by_label("Your PIN").fill("2468")
    tablet.get_by_role("button", name="Take the tablet back").click()
    expect(tablet.get_by_role("heading", name="BRO-002")).to_be_visible()
    assert apart(lambda: Fragment.objects.filter(by_participant=True, entry__subject__number="BRO-002").exists())


def test_arabic_and_large_print(site: Site, asked: Questionnaire, subject: Subject) -> None:
    """The form is in Arabic, from right to left, one question at a time; ours stay in the reader's language."""
    apart(lambda: Questionnaire.objects.update(by_question=True))
    link = mailed(site, asked, subject)
    for width in (390, 1440):
        page = site.open("", who="anonymous", language="en", width=width)
        page.goto(link)
        page.get_by_role("button", name="العربي").click()
        if width == 390:
            page.get_by_role("button", name="Begin").click()
        expect(page.get_by_label("ألمك")).to_be_visible()
        assert page.locator("ecrf-participant").get_attribute("dir") == "rtl"
        page.get_by_label("ألمك").fill("3")
        saved(page)
        expect(page.get_by_text("Step 1 of")).to_be_visible()
        page.get_by_role("button", name="Go on", exact=True).click()
        expect(page.get_by_label("نعم")).to_be_visible()
        photograph(page, f"participant-arabic-{width}")
        page.get_by_role("button", name="Large print").click()
        page.get_by_role("button", name="Strong contrast").click()
        assert_accessible(page)
        room = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert room[0] <= room[1], room
        photograph(page, f"participant-large-{width}")
        page.keyboard.press("Tab")
        page.context.close()
