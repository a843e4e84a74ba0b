"""Each test of files has a storage of its own."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def disk(tmp_path: Path, settings) -> Path:
    """The data folder of this test, empty."""
    settings.DATA_DIR = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "files": {"BACKEND": "core.files.storage.Disk", "OPTIONS": {"location": tmp_path / "files"}},
    }
    return tmp_path
