"""Built assets: each with its version, and an error in words where they are missing."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.template import Context, Template

from core.web import assets


def test_addresses_change_with_their_content() -> None:
    """A script's address carries the version of its content."""
    shown = Template('{% script "portal" %}{% style "portal" %}').render(Context())
    assert "build/portal.js?v=" in shown
    assert "build/portal.css?v=" in shown


def test_a_missing_build_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where nothing is built, or not this, the error names the command."""
    with pytest.raises(ImproperlyConfigured, match="npm run build"):
        assets.address("nothing.js")
    monkeypatch.setattr(assets, "BUILD", tmp_path)
    with pytest.raises(ImproperlyConfigured, match="npm ci && npm run build"):
        assets.address("portal.js")
