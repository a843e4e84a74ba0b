"""What the engine says, in the language that is spoken."""

from __future__ import annotations

from backup.cli import words
from backup.engine import sayings


def told(text: str) -> str:
    """As far as it is known; names stay as they are."""
    return text if words.language == words.LANGUAGES[0] else sayings.told(text, words._)
