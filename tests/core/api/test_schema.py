"""The OpenAPI document as programs get it."""

from __future__ import annotations

from django.test import Client


def test_it_is_sent_once(db: None) -> None:
    """Who has the document already gets 304, in each language; the German one is the French one."""
    french = Client().get("/api/v1/schema/", headers={"Accept-Language": "fr"})
    assert (french.status_code, french["Content-Type"]) == (200, "application/vnd.oai.openapi+json")
    assert french.json()["openapi"] == "3.1.0"
    again = Client().get("/api/v1/schema/", headers={"Accept-Language": "fr", "If-None-Match": french["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", french["ETag"])
    english = Client().get("/api/v1/schema/", headers={"Accept-Language": "en", "If-None-Match": french["ETag"]})
    assert english.status_code == 200
