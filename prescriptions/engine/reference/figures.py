"""Numbers as French lists write them."""

from __future__ import annotations

import re

NUMBER = re.compile(r"\d[\d\s.,]*", re.ASCII)


def number(text: str) -> float | None:
    """A number as these files write them: `1,00`, `1 000`, `1.234,56` and, with a comma for thousands, `1,234,56`."""
    text = text.strip()
    if not NUMBER.fullmatch(text):
        return None
    digits = re.sub(r"\s", "", text).rstrip(".,")
    signs = [sign for sign in digits if sign in ".,"]
    if len(signs) > 1 and (signs[-1] == "," or len(set(signs)) > 1):
        whole, _, rest = digits.rpartition(signs[-1])
        return float(re.sub(r"[.,]", "", whole) + "." + rest)
    if len(signs) > 1 or (signs == ["."] and re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", digits)):
        return float(digits.replace(".", ""))
    return float(digits.replace(",", "."))
