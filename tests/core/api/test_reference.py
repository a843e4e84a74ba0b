"""The API as a page, and what the description says of permissions."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client

from core.api import reference
from core.api.engine import examples

DOCUMENT = json.loads((settings.ROOT / "docs" / "openapi.json").read_text())


@pytest.mark.parametrize(
    ("method", "path", "asked"),
    [
        ("post", "/api/v1/webhooks/endpoints/", {"webhooks.manage_endpoints"}),
        ("get", "/api/v1/datasets/versions/{id}/rows/", {"datasets.list_datasets", "datasets.read_data"}),
        ("post", "/api/v1/ecrf/entries/{id}/lock/", {"ecrf.lock_records", "ecrf.read_records"}),
        ("post", "/api/v1/ecrf/subjects/bulk/", {"ecrf.save_records", "ecrf.read_records"}),
        ("post", "/api/v1/clients/", {"administrator"}),
        ("get", "/api/v1/me/", set()),
    ],
)
def test_the_permissions_are_those_of_the_code(method: str, path: str, asked: set[str]) -> None:
    """An operation says which permissions its code asks for: nobody writes them a second time."""
    assert set(DOCUMENT["paths"][path][method].get("x-permissions", ())) == asked


def test_the_list(client_of: Callable[[str], Client]) -> None:
    """Everybody reads it, by tool; words keep the calls that have each of them, also as a fragment."""
    for who in ("anonymous", "owner"):
        page = client_of(who).get("/api/")
        assert page.status_code == 200
        for path in DOCUMENT["paths"]:
            assert f">{path}<" in page.text.replace("<wbr>", "")
    found = client_of("owner").get("/api/?q=webhook rotate", headers={"HX-Request": "true", "HX-Target": "api-found"})
    assert found.text.count('class="api-path') == 1
    assert "<html" not in found.text
    assert 'class="api-path' not in client_of("owner").get("/api/?q=nothing has this").text


def test_one_operation(client_of: Callable[[str], Client]) -> None:
    """Parameters, fields, permissions and examples; a stranger is asked to sign in before he tries it."""
    page = client_of("owner").get("/api/operations/ecrf_subjects_create/").text
    for word in (
        "ecrf.save_records",
        "Idempotency-Key",
        "suite.ecrf.subjects.create(",
        "curl --request POST",
        "<api-try",
    ):
        assert word in page
    assert "<api-try" not in client_of("anonymous").get("/api/operations/ecrf_subjects_create/").text
    assert client_of("owner").get("/api/operations/nothing/").status_code == 404


def test_every_operation_has_a_page(client_of: Callable[[str], Client]) -> None:
    """The page of each is made, and its Python example compiles."""
    for entry in reference.entries("en").values():
        shown = reference.page("en", entry, "https://suite.example")
        python = dict(shown["examples"])["Python"]
        compile(python, entry.id, "exec")
    for name in ("datasets_upload_create", "datasets_versions_download_retrieve", "me_retrieve", "root_retrieve"):
        assert client_of("owner").get(f"/api/operations/{name}/").status_code == 200


def test_a_quote_in_a_shell() -> None:
    """A value with a quote stays one word of the shell."""
    assert examples.quoted({"name": "l'étude"}) == '{"name": "l\'\\\'\'étude"}'
