"""The built worker before the suite itself: a person's session reads the objects, and nobody else's does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from core.web import assets
from tests.backup import portal
from tests.e2e.conftest import apart, chromium, server, site  # noqa: F401 (fixtures)

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from pytest_django import Settings

    from tests.e2e.conftest import Site

CALLS = """async ([address, calls]) => {
  const worker = new Worker(address, { type: "module" });
  const answers = [];
  for (const [id, [call, args]] of calls.entries()) {
    const chunks = [];
    answers.push(await new Promise((resolve) => {
      worker.onerror = (event) => resolve({ error: { message: event.message || "the worker doesn't start" } });
      worker.onmessage = ({ data }) => {
        if (data.chunk) chunks.push(data.chunk), worker.postMessage({ id, more: true });
        if ("value" in data) resolve({ value: data.value });
        if (data.error) resolve({ error: data.error });
        if (data.end) new Blob(chunks).text().then((text) => resolve({ text }));
      };
      worker.postMessage({ id, call, args });
    }));
  }
  worker.terminate();
  return answers;
}"""


def asked(page: Page, *calls: tuple[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """What the worker answers, spoken to as worker/serve.js says."""
    answers: list[dict[str, Any]] = page.evaluate(
        CALLS, [assets.address("backup-worker.js"), [list(one) for one in calls]]
    )
    return answers


@pytest.mark.e2e
def test_restoring_from_the_suite(site: Site, settings: Settings, tmp_path: Path) -> None:  # noqa: F811
    """Who may restore reads in his browser what the suite has saved; who may not is refused by the portal."""
    settings.BACKUP_FOLDERS = [tmp_path]

    def make() -> tuple[portal.Kept, str, str]:
        portal.fill(site.world)
        kept = portal.keep(site.world, tmp_path)
        kept.save()
        objects = reverse("api:backup:objects", args=[kept.repository.pk])
        return kept, objects, reverse("backup:home", args=[site.world.project.slug])

    kept, objects, home = apart(make)
    opening = ("open", {"keyfile": kept.keyfile, "store": objects})
    page = site.open(home, "owner")
    opened, listing = asked(page, opening, ("snapshots", {}))
    assert opened["value"]["number"] == 1
    [row] = listing["value"]["snapshots"]
    assert listing["value"]["problems"] == []
    _, search = asked(page, opening, ("search", {"snapshot": row["id"], "query": "1.txt"}))
    [found] = search["value"]["found"]
    _, file = asked(page, opening, ("file", {"snapshot": row["id"], "path": found["path"]}))
    assert file["text"].encode() == portal.LETTER
    [refused] = asked(site.open(home, "monitor"), opening)
    assert refused["error"]["kind"] == "denied"
