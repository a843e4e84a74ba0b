"""Small letters and capitals, the same on the server and in every browser.

Letters that got their other case in Unicode 15 to 17 are left as they are: one side would know it, the other not yet.
"""

from __future__ import annotations

import re

NEWER = re.compile(
    "([\u019b\u0264\u1c89\u1c8a\ua7cb-\ua7cf\ua7d2-\ua7d5\ua7da-\ua7dc"
    "\U00010d50-\U00010d65\U00010d70-\U00010d85\U00016ea0-\U00016eb8\U00016ebb-\U00016ed3]+)"
)


def lower(text: str) -> str:
    return (
        text.lower()
        if text.isascii()
        else "".join(part if number % 2 else part.lower() for number, part in enumerate(NEWER.split(text)))
    )


def upper(text: str) -> str:
    return (
        text.upper()
        if text.isascii()
        else "".join(part if number % 2 else part.upper() for number, part in enumerate(NEWER.split(text)))
    )
