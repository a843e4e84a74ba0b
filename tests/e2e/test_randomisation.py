"""Randomising in a real browser: from a blank page to an arm, and its unblinding with the second factor."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt
from django.urls import reverse
from playwright.sync_api import Page, expect

from ecrf.engine.randomisation import Plan
from ecrf.models import Allocation, Form, Scheme
from tests.authenticator import code_now
from tests.e2e.axe import assert_accessible
from tests.e2e.complaints import complaints
from tests.e2e.conftest import Site, apart
from tests.e2e.pictures import photograph
from tests.ecrf import trial
from tests.ecrf.conftest import publish

pytestmark = pytest.mark.e2e


@pytest.fixture
def form(site: Site) -> Form:
    return apart(lambda: publish(site.world))


def at(form: Form, name: str, *arguments: object) -> str:
    return reverse(f"ecrf:{name}", args=[form.project.slug, *arguments])


def show_factor(page: Page, secret: str) -> None:
    """Answer what the suite asks before a sensitive act: the code of the authenticator app."""
    page.locator("[name=code]").wait_for()
    page.fill("[name=code]", code_now(secret, lasts=15))
    page.locator("main form [type=submit]").first.click()


def secret_of(site: Site, who: str) -> str:
    user = site.world.user[who]
    return apart(lambda: str(decrypt(Authenticator.objects.get(user=user, type="totp").data["secret"])))


def test_from_a_blank_page_to_an_unblinding(site: Site, form: Form) -> None:
    """A scheme is written beside what it means, drawn, opened; a subject is randomised, and unblinded."""
    page = site.open(at(form, "schemes"), language="en")
    expect(page.get_by_text("No randomisation yet")).to_be_visible()
    photograph(page, "random-empty")
    page.get_by_role("link", name="New scheme").first.click()
    meaning = page.locator("#meaning")
    expect(meaning).to_contain_text("Can it be foreseen?")
    page.get_by_label("Name of the scheme").fill("Fluids")
    page.get_by_label("Sizes of the blocks").fill("5")
    expect(meaning).to_contain_text("can’t hold the ratio")
    page.get_by_label("Sizes of the blocks").fill("2, 4")
    page.get_by_label("Sexe").check()
    expect(meaning).to_contain_text("4 =")
    page.get_by_label("Blinded: people see a kit number").check()
    assert_accessible(page)
    page.get_by_role("button", name="Keep as a draft").click()
    page.get_by_role("button", name="Draw the table").click()
    expect(page.get_by_role("table")).to_contain_text("Femme · BRO")
    page.get_by_role("link", name="Try it on made-up subjects").click()
    expect(page.get_by_role("heading", name="A trial run")).to_be_visible()
    photograph(page, "random-draft")
    page.get_by_role("button", name="Open the randomisation").first.click()
    page.get_by_role("dialog").get_by_role("button", name="Open the randomisation").click()
    expect(page.get_by_text("Nobody is randomised yet")).to_be_visible()

    subject = apart(lambda: trial.ready(site.world, form))
    page = site.open(at(form, "subject", subject.pk), "member", language="en")
    page.get_by_role("link", name="Randomise…").click()
    expect(page.get_by_text("Femme")).to_be_visible()
    photograph(page, "random-ask")
    page.get_by_role("button", name="Randomise this subject").click()
    kit = apart(lambda: Allocation.objects.get().kit)
    expect(page.locator(".allocation")).to_contain_text(kit)
    photograph(page, "random-subject")
    page.get_by_role("link", name="Unblind…").click()
    page.get_by_label("Reason").fill("Serious reaction, antidote needed")
    assert_accessible(page)
    page.get_by_role("button", name="Unblind this subject").click()
    show_factor(page, secret_of(site, "member"))
    arm = apart(lambda: Scheme.objects.get().labels[Allocation.objects.select_related("scheme").get().arm])
    expect(page.locator(".notice-title")).to_contain_text(arm)
    photograph(page, "random-unblinded")


def test_pages_are_accessible(site: Site, form: Form) -> None:
    """Every page of the randomisation passes axe and fits its screen, on a desk and in a pocket."""

    def build() -> tuple[Scheme, Scheme, Scheme, Allocation, object]:
        world = site.world
        label = trial.opened(world, form, plan=Plan(trial.ARMS, sizes=(4,)), name="Remplissage guidé par l’échographie")
        for number in range(9):
            trial.randomised(world, label, sex=str(1 + number % 2))
        blinded = trial.opened(world, form, name="En aveugle", blinded=True, strata=[], by_site=False)
        minimised = trial.draft(world, form, name="Minimisation", method="minimisation")
        return label, blinded, minimised, trial.randomised(world, blinded), trial.ready(world, form).pk

    label, blinded, minimised, allocation, waiting = apart(build)
    places = {
        "list": at(form, "schemes"),
        "new": at(form, "new_scheme", form.key),
        "open": label.get_absolute_url(),
        "blinded": blinded.get_absolute_url(),
        "draft": f"{minimised.get_absolute_url()}?try=1",
        "subject": at(form, "subject", allocation.subject_id),
        "lacking": at(form, "randomise", allocation.subject_id, label.pk),
        "randomise": at(form, "randomise", waiting, label.pk),
        "unblind": at(form, "unblind", allocation.subject_id, allocation.pk),
    }
    assert complaints(site, places, "randomisation") == []
