"""What the tests of several rooms of the core share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.vault import keys


@pytest.fixture
def keys_forgotten() -> Iterator[None]:
    """No key that another test opened is remembered, nor one of this test afterwards."""
    keys._held.clear()
    keys.instance_keys.cache_clear()
    yield
    keys._held.clear()
    keys.instance_keys.cache_clear()
