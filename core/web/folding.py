"""Names as one searches for them: without capitals and accents, alike in Python and in PostgreSQL."""

from __future__ import annotations

import unicodedata
from typing import Any

from django.db.models import F, Func, TextField, Value
from django.db.models.functions import Lower, Replace

LETTERS = "àáâãäåçèéêëìíîïñòóôõöùúûüýÿ"
PLAIN = "".join(unicodedata.normalize("NFD", letter)[0] for letter in LETTERS)
LIGATURES = (("œ", "oe"), ("æ", "ae"), ("’", "'"))
TABLE = str.maketrans(LETTERS, PLAIN)


def folded(text: str) -> str:
    """«Étude Cœur» as «etude coeur»."""
    text = unicodedata.normalize("NFC", text).lower()
    for one, two in LIGATURES:
        text = text.replace(one, two)
    return text.translate(TABLE)


class Folded(Func):
    """The same of a column. A generated column may be made of it: whoever changes it makes a migration of those."""

    function = "TRANSLATE"
    output_field = TextField()

    def __init__(self, name: str, **extra: Any) -> None:
        text: Any = Lower(F(name))
        for one, two in LIGATURES:
            text = Replace(text, Value(one), Value(two))
        super().__init__(text, Value(LETTERS), Value(PLAIN), **extra)
