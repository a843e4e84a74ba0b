"""Every code of the engine has words, in both languages, on both sides."""

from __future__ import annotations

import re
from pathlib import Path

from ecrf import messages

ROOT = Path(__file__).parents[2] / "ecrf"


def test_every_code_has_words() -> None:
    """A code that the engine raises has a message."""
    source = "\n".join(path.read_text() for path in (ROOT / "engine").rglob("*.py"))
    raised = set(re.findall(r'(?:LogicError|Unreadable|Wrong|Problem|Remark)\(\s*"([a-z_]+)"', source))
    raised |= set(re.findall(r'(?:\.fault|\.warn|self\.find)\(\s*[\w.]+,\s*"([a-z_]+)"', source))
    raised |= set(re.findall(r'\bfault\(\w+, [\w.\[\]"]+, "([a-z_]+)"', source)) | set(
        re.findall(r'Fault\([^()]*?, "([a-z_]+)"', source)
    )
    unknown = raised - messages.WORDS.keys() - {"text_is_no_", "column", "text", "repeat_count"}
    assert len(raised) > 60
    assert unknown == set()


def test_the_browser_has_the_same_words() -> None:
    """Each remark on values has the browser's words too."""
    source = (ROOT / "static_src/ecrf/entry/messages.js").read_text()
    told = set(re.findall(r"^  ([a-z_]+): \(\) =>", source, re.MULTILINE))
    server_only = {"computed", "readonly", "not_list", "not_rows", "holds_no_value", "too_many_values", "unknown_page"}
    server_only |= {"unknown_sheet", "hidden_page", "locked", "no_notes_here", "unknown_status", "comment_too_long"}
    assert messages.VALUES.keys() - told == server_only


def test_french_is_complete() -> None:
    """No message of the tool lacks its French, none is doubtful."""
    for name in ("django.po", "djangojs.po"):
        text = (ROOT / "locale/fr/LC_MESSAGES" / name).read_text()
        assert "#, fuzzy" not in text
        assert re.findall(r'msgid "[^"]+"\nmsgstr ""\n(?!")', text) == []
