"""The letters of the built-in rules, and what of an evaluation falls under which."""

from __future__ import annotations

BUILT_IN = tuple("ABCDEFGHI")
BY_CODE = {
    "required": "B",
    "below_min": "D",
    "above_max": "D",
    "hidden_value": "F",
    "unknown_choice": "G",
    "exclusive_choice": "G",
}
TYPE_CODES = frozenset(
    {
        "not_text", "not_whole", "not_number", "not_date", "not_partial_date", "not_datetime", "not_time", "not_list",
        "too_large", "too_many_decimals", "too_long", "one_line_only", "control_character", "bad_format",
    }
)  # fmt: skip
