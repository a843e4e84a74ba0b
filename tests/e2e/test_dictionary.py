"""The dictionary of a dataset, edited by keyboard alone."""

from __future__ import annotations

import pyarrow as pa
import pytest
from django.urls import reverse
from playwright.sync_api import expect

from core import datasets
from core.access.demo import World
from core.datasets.models import DatasetVersion
from tests.e2e.conftest import Site, apart

pytestmark = pytest.mark.e2e


def publish(world: World) -> DatasetVersion:
    table = pa.table({"id": [1, 2], "lactate": [1.5, 2.0], "sodium": [140, 138]})
    return datasets.publish(world.user["owner"], world.project, "labs", table, title="Analyses", provenance={})


def test_by_keyboard(site: Site) -> None:
    """Enter goes down a column, Ctrl+D repeats the cell above, a block from a spreadsheet fills several cells."""
    version = apart(lambda: publish(site.world))
    page = site.open(reverse("datasets:dictionary", args=[site.world.project.slug, "labs", 1]))
    page.locator("[name='label.1']").focus()
    page.keyboard.type("Numéro")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+d")
    expect(page.locator("[name='label.2']")).to_have_value("Numéro")
    page.locator("[name='label.2']").evaluate(
        """cell => { const data = new DataTransfer(); data.setData("text/plain", "Lactate\\tLactate\\nSodium\\tSodium");
        cell.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true })); }"""
    )
    expect(page.locator("[name='label_en.3']")).to_have_value("Sodium")
    page.locator("[name=reason]").fill("Relecture")
    page.keyboard.press("Enter")
    expect(page).to_have_url(site.address + version.get_absolute_url())
    columns = apart(lambda: DatasetVersion.objects.get(pk=version.pk).columns)
    assert [column["label"] for column in columns] == ["Numéro", "Lactate", "Sodium"]
