"""The usual maximum doses: which row of the table holds for a substance, a route and a patient."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

ANY = "*"
FIELDS = 9
SHORTEST_CODE = 4
"""Letters of an ATC class that may stand for all codes below it (A10A, A10AB)."""

ROUTES = {
    "orale": "orale", "buccale": "orale", "sublinguale": "sublinguale", "rectale": "rectale", "nasale": "nasale",
    "inhalée": "inhalée", "transdermique": "transdermique", "sous-cutanée": "injectable",
    "intramusculaire": "injectable", "intraveineuse": "injectable", "intradermique": "injectable",
}  # fmt: skip
"""The routes of the reader -> those of the table; what is put on skin, eyes or ears has no maximum here."""

FORMS = {
    "comprimé": "orale", "gélule": "orale", "capsule": "orale", "sachet": "orale", "sirop": "orale",
    "ampoule": "orale", "pastille": "orale", "granulés": "orale", "film": "orale", "suspension buvable": "orale",
    "solution buvable": "orale", "poudre pour suspension buvable": "orale", "poudre pour solution buvable": "orale",
    "suppositoire": "rectale", "dispositif transdermique": "transdermique", "patch": "transdermique",
    "suspension pour inhalation": "inhalée", "poudre pour inhalation": "inhalée",
    "solution pour inhalation": "inhalée", "suspension nasale": "nasale", "solution nasale": "nasale",
    "solution injectable": "injectable", "suspension injectable": "injectable", "stylo": "injectable",
    "seringue": "injectable", "poudre pour solution injectable": "injectable", "solution pour perfusion": "injectable",
    "lyophilisat": "sublinguale", "comprimé sublingual": "sublinguale",
}  # fmt: skip
UNITS = {"bouffée": "inhalée", "inhalation": "inhalée", "nébulisation": "inhalée", "patch": "transdermique",
         "injection": "injectable", "seringue": "injectable", "suppositoire": "rectale"}  # fmt: skip
LOCAL = frozenset({"ophtalmique", "auriculaire", "cutanée", "vaginale", "intra-articulaire"})
LOCAL_FORMS = frozenset({"crème", "pommade", "gel", "lotion", "émulsion", "mousse", "shampooing", "collyre", "ovule",
                         "solution auriculaire", "emplâtre", "collutoire"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Usual:
    """Most at one time (`single`) and most in `days` days (`total`), in `unit`; of a child per kilogram."""

    atc: str
    substance: str
    route: str
    who: str
    single: float | None
    total: float
    days: int
    unit: str
    basis: str


@lru_cache(maxsize=1)
def table() -> dict[str, tuple[Usual, ...]]:
    """ATC code or class -> its rows."""
    text = resources.files("prescriptions.engine.safety").joinpath("usual_doses.tsv").read_text(encoding="utf-8")
    found: dict[str, list[Usual]] = {}
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        atc, substance, route, who, single, total, days, unit, basis = line.split("\t")
        most = float(single) if single else None
        found.setdefault(atc, []).append(Usual(atc, substance, route, who, most, float(total), int(days), unit, basis))
    return {atc: tuple(rows) for atc, rows in found.items()}


@lru_cache(maxsize=4096)
def usual(atc: str | None, route: str | None, *, child: bool) -> Usual | None:
    """The row for a code and a route; None where the table says nothing of them.

    A route that isn't known takes the row for any route, or the one of the most permissive route.
    """
    if not atc or route in LOCAL:
        return None
    for length in range(len(atc), SHORTEST_CODE - 1, -1):
        rows = [row for row in table().get(atc[:length], ()) if (row.who == "child") == child]
        fitting = [row for row in rows if route is None or row.route in (ANY, route)]
        if exact := [row for row in fitting if row.route == route]:
            return exact[0]
        if fitting:
            return max(fitting, key=lambda row: row.total) if len({row.unit for row in fitting}) == 1 else fitting[0]
    return None


@lru_cache(maxsize=4096)
def route_of(route: str | None, form: str | None, unit: str | None) -> str | None:
    """The table's route: as written, else told by the form, else by what doses are counted in."""
    if route:
        return ROUTES.get(route, route)
    if form in LOCAL_FORMS:
        return "cutanée"
    if unit in UNITS and unit != "injection":
        return UNITS[unit]
    if form:
        whole = FORMS.get(form)
        return whole or next((said for start, said in FORMS.items() if form.startswith(start)), None)
    return UNITS.get(unit or "")
