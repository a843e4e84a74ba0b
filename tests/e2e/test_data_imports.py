"""Importing data in a real browser: a wrong file, the right one, what it changes, undone; numbers; an arm."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from core.jobs import run_waiting
from ecrf import services
from ecrf.engine import Sheet
from ecrf.models import Form, Subject
from tests.e2e.axe import assert_accessible
from tests.e2e.complaints import complaints
from tests.e2e.conftest import Site, apart
from tests.e2e.pictures import photograph
from tests.ecrf import visits

pytestmark = pytest.mark.e2e

HEAD = "subject;site;event;page;instance;weight;lactate;since;takes;drug[1].name;term;serious"
RIGHT = [
    "BRO-001;BRO;inclusion;;;81;2,5;2026-01;;;;",
    "BRO-001;BRO;month_1;;;78.5;2;;1;Aspirine;;",
    "BRO-001;BRO;during;ae;1;;;;;;Fièvre;0",
    "P-0007;KER;inclusion;;;60;1;;;;;",
]
ARMS = [{"key": key, "title": visits.words(french, key)} for key, french in (("usual", "Usuel"), ("new", "Nouveau"))]


def build(site: Site) -> Form:
    first, second, during = visits.TRIAL["events"]
    data: dict[str, Any] = {**visits.TRIAL, "arms": ARMS, "events": [first, {**second, "arms": ["usual"]}, during]}
    form = visits.publish(site.world, data)
    subject = services.include_subject(site.world.user["member"], site.world.site_a)
    values = {"weight": "80", "lactate": "2.5"}
    sheet = Sheet("inclusion")
    services.save_entry(site.world.user["member"], subject, form, 0, values, sheet=sheet)
    return form


def send(page: Page, *rows: str) -> None:
    content = "\n".join([HEAD, *rows, ""]).encode()
    page.set_input_files("[name=file]", {"name": "reprise.csv", "mimeType": "text/csv", "buffer": content})
    page.get_by_role("button", name="Check the file").click()
    apart(run_waiting)


def test_from_a_wrong_file_to_one_that_is_undone(site: Site) -> None:
    """Every wrong cell is named; then it is looked at, saved, and undone with a reason."""
    form = apart(lambda: build(site))
    at = lambda name, *more: reverse(f"ecrf:{name}", args=[form.project.slug, *more])  # noqa: E731
    page = site.open(at("home"), language="en")
    page.get_by_role("link", name="Import data").click()
    assert_accessible(page)
    photograph(page, "import-new")
    send(page, RIGHT[0].replace("81", "heavy"), RIGHT[1].replace(";2;", ";21;"), *RIGHT[2:])
    page.reload()
    faults = page.get_by_role("region", name="Faults of the file")
    expect(faults.get_by_role("row")).to_have_count(3)
    expect(faults).to_contain_text("weight")
    expect(faults).to_contain_text("lactate")
    assert_accessible(page)
    photograph(page, "import-faulty")
    page.get_by_role("button", name="Discard the file").click()
    page.get_by_role("link", name="Import data").first.click()
    send(page, *RIGHT)
    page.reload()
    expect(page.get_by_text("Every cell can be saved.")).to_be_visible()
    expect(page.get_by_role("region", name="List of the fields that change")).to_contain_text("Weight")
    assert_accessible(page)
    photograph(page, "import-ready")
    page.get_by_role("button", name="Save the data").click()
    apart(run_waiting)
    page.reload()
    expect(page.get_by_text("The data are in the records.")).to_be_visible()
    photograph(page, "import-done")
    page.get_by_text("Undo this import").click()
    page.get_by_label("Reason").fill("Wrong visit")
    page.get_by_role("button", name="Undo the import").click()
    apart(run_waiting)
    page.reload()
    expect(page.get_by_text("Undone by")).to_be_visible()
    photograph(page, "import-undone")

    page.goto(site.address + at("numbering"))
    page.get_by_label("Pattern", exact=True).fill("{site}/{year}/{sequence:04}")
    expect(page.locator("#next-numbers")).to_contain_text("/0001")
    page.get_by_label("Check digit").select_option("luhn")
    assert_accessible(page)
    photograph(page, "numbering")
    page.get_by_role("button", name="Save the rule").click()
    expect(page.get_by_text("New subjects are numbered so from now on.")).to_be_visible()

    subject = apart(lambda: Subject.objects.get(number="BRO-001"))
    page.goto(site.address + at("subject", subject.pk))
    page.get_by_text("Change the arm").first.click()
    page.get_by_role("combobox", name="Arm").select_option("new")
    page.locator("#arm-reason").fill("Consent to the new arm")
    photograph(page, "arm")
    page.get_by_role("button", name="Change the arm").click()
    expect(page.get_by_text("The arm is changed.")).to_be_visible()
    places = {"new": at("data_import_new"), "numbering": at("numbering")}
    assert complaints(site, places, "imports") == []
