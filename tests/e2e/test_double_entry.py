"""Double entry and coding in a real browser: two people and a third who settles; a text coded and seen on its page."""

from __future__ import annotations

from copy import deepcopy

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from core.access.models import Membership, Role
from ecrf import services
from ecrf.engine import Sheet
from ecrf.models import Coded, Entry, Form, Reconciliation, Subject
from ecrf.services.double_plans import plan_double_entry
from tests.e2e.axe import assert_accessible
from tests.e2e.conftest import Site, apart
from tests.ecrf.visits import TRIAL, publish

pytestmark = pytest.mark.e2e


def test_from_two_entries_to_one(site: Site) -> None:
    """The second enters what he reads and sees nothing of the first; a third compares, chooses and says why."""
    world = site.world

    def build() -> tuple[Form, Subject]:
        form = publish(world)
        permissions = ["access.view_project", "ecrf.read_records", "ecrf.save_records"]
        role = Role.objects.create(
            organisation=world.organisation, key="second", name="Seconde saisie", permissions=permissions
        )
        Membership.objects.create(user=world.user["stranger"], project=world.project).roles.add(role)
        plan_double_entry(world.user["owner"], form, ["exam"], [role.pk])
        subject = services.include_subject(world.user["member"], world.site_a)
        values = {"weight": "70", "lactate": "2"}
        services.save_entry(world.user["member"], subject, form, 0, values, sheet=Sheet("inclusion"))
        return form, subject

    _form, subject = apart(build)
    address = apart(subject.get_absolute_url)
    second = site.open(address, "stranger", "en")
    second.locator(".twice-line").first.get_by_role("link").click()
    expect(second.get_by_label("Weight")).to_have_value("")
    second.get_by_label("Weight").fill("77")
    second.get_by_label("Lactate").fill("2.0")
    assert_accessible(second)
    second.get_by_role("button", name="Save and complete the page").click()
    expect(second.locator("[data-save-state]")).to_contain_text("Saved by")

    third = site.open(address, "owner", "en")
    third.locator(".twice-line").first.get_by_role("link").last.click()
    expect(third.locator(".reconcile-line")).to_have_count(1)
    assert_accessible(third)
    third.get_by_role("radio").nth(1).check()
    third.locator("#reconcile-reason").fill("The paper says 77.")
    third.locator("[name=complete]").check()
    third.locator("form .btn-primary").last.click()
    expect(third.get_by_label("Weight")).to_have_value("77")
    done = apart(lambda: Reconciliation.objects.get())
    assert (done.differing, done.first_wrong) == (["weight"], ["weight"])
    assert apart(lambda: Entry.objects.get().pages["exam"]["complete"])


def test_a_text_is_coded(site: Site) -> None:
    """A dictionary is loaded, the text that waits is coded with a suggestion, and its page shows the code."""
    world = site.world
    data = deepcopy(TRIAL)
    data["pages"][2]["groups"][0]["items"][0]["coding"] = {"dictionary": "signs"}

    def build() -> str:
        form = publish(world, data)
        subject = services.include_subject(world.user["member"], world.site_a)
        sheet = Sheet("during", "ae", 1)
        return services.save_entry(
            world.user["member"], subject, form, 0, {"term": "fievre bleu"}, sheet=sheet
        ).entry.get_absolute_url()

    address = apart(build)
    page = site.open(reverse("ecrf:dictionaries", args=[world.project.slug]), "owner", "en")
    file = {"name": "signs.csv", "mimeType": "text/csv", "buffer": "code,label,organ\nF1,Fièvre bleue,Corps\n".encode()}
    page.locator("input[type=file]").set_input_files(file)
    for name, value in (("title", "Signs"), ("key", "signs"), ("version", "1.0")):
        page.locator(f"[name={name}]").fill(value)
    assert_accessible(page)
    page.locator("button[name=load]").click()
    expect(page.get_by_role("rowheader", name="Signs")).to_be_visible()
    page.goto(page.url.replace("dictionaries/", "coding/"))
    assert_accessible(page)
    page.get_by_role("button", name="Fièvre bleue").click()
    assert apart(lambda: Coded.objects.get().code) == "F1"
    page.goto(page.url.split("/projects/")[0] + address)
    expect(page.locator(".code-sign")).to_contain_text("F1")
