"""The recovery sheet: a key on paper, to be scanned or typed again when all else is lost (FORMAT.md, section 14)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from backup.engine.errors import BadKeyfile, Damaged
from backup.engine.format import keyfile, keys, layout
from backup.engine.format.keys import Role
from backup.engine.keykeeping import lines
from backup.engine.keykeeping.paper import Paper, Words

_SEED, _WHOLE = 0, 1
_SECRET = 32
ROLES = {
    Role.MASTER: Words("clé maîtresse, qui ouvre tout, fait les autres", "master key, opens all, makes the others"),
    Role.WRITER: Words("clé d’écriture, qui ne lit rien", "writer key, reads nothing"),
    Role.READER: Words("clé de lecture, qui ouvre tout", "reader key, opens all"),
    Role.LISTER: Words("clé de liste, qui voit quand et combien", "lister key, sees when and how much"),
    Role.VERIFIER: Words("clé de vérification, qui relit tout", "verifier key, reads all to check it"),
    Role.PRUNER: Words("clé d’élagage, qui retire sans lire", "pruner key, removes without reading"),
}
_ADVICE = (
    Words(
        "Qui tient cette feuille tient la clé. Gardez-la sous pli fermé, dans un coffre, loin des sauvegardes "
        "et de ce qu’elles sauvent.",
        "Who holds this sheet holds the key. Keep it sealed, in a safe, away from the backups and from what they save.",
    ),
    Words(
        "Pour la retrouver, scannez le code ou tapez les lignes numérotées. Majuscules, espaces et ordre ne comptent "
        "pas ; O vaut 0, I et L valent 1. Le dernier groupe contrôle sa ligne : une faute est dite avec son numéro.",
        "To get it back, scan the code or type the numbered lines. Case, spaces and order don't matter; O is 0, I and "
        "L are 1. The last group checks its line: a mistake is told with its number.",
    ),
    Words(
        "Le code de contrôle est celui du fichier de la clé : il prouve que rien n’a changé.",
        "The control code is the keyfile's own: it proves that nothing has changed.",
    ),
    Words(
        "Le format est public : backup/engine/FORMAT.md, section 14. La clé sert donc aussi sans ce logiciel.",
        "The format is public: backup/engine/FORMAT.md, section 14. So the key serves without this program too.",
    ),
)
_NEEDS_PASSPHRASE = Words(
    "Cette clé ne s’ouvre qu’avec sa phrase secrète, qui n’est pas sur cette feuille.",
    "This key opens only with its passphrase, which isn't on this sheet.",
)


def draw(text: str, *, location: str, today: date) -> Paper:
    """The sheet of a keyfile. A master key without a passphrase takes three lines, for it is no more than its seed."""
    binary = keyfile.to_binary(text)
    repository = _repository(binary)
    protected = keyfile.is_protected(binary)
    role = Words("clé protégée", "protected key") if protected else ROLES[keyfile.load(text).role]
    typed = lines.write(_content(text, binary, protected))
    facts = (
        (Words("Clé", "Key"), f"{role.fr} / {role.en}"),
        (Words("Dépôt", "Repository"), repository.hex()),
        (Words("Lieu", "Location"), location),
        (Words("Code de contrôle", "Control code"), keyfile.control_code(binary)),
        (Words("Imprimé le", "Printed on"), today.isoformat()),
    )
    advice = (_NEEDS_PASSPHRASE, *_ADVICE) if protected else _ADVICE
    code = "/".join(line.replace(" ", "") for line in typed)
    return Paper(Words("Fiche de secours", "Recovery sheet"), facts, advice, typed, code)


def from_lines(typed: Iterable[str]) -> str:
    """The keyfile that a sheet gives back, from its lines or from its QR code. Raises lines.Mistyped, BadKeyfile."""
    content = lines.read(piece for line in typed for piece in re.split(r"[/\n]", line))
    form, rest = content[:1], content[1:]
    if form == bytes([_WHOLE]):
        _repository(rest)
        return keyfile.armour(rest)
    if form != bytes([_SEED]) or len(rest) != 1 + 16 + _SECRET or rest[0] not in layout.SUITES:
        raise BadKeyfile("the sheet holds no key that this program knows")
    return keyfile.dump(keys.master(rest[17:], rest[1:17], suite=rest[0]))


def _repository(binary: bytes) -> bytes:
    try:
        return layout.parse(binary, layout.KEYFILE, None, "keyfile").repository
    except Damaged as error:
        raise BadKeyfile(str(error)) from error


def _content(text: str, binary: bytes, protected: bool) -> bytes:
    key = None if protected else keyfile.load(text)
    if key is None or key.seed is None:
        return bytes([_WHOLE]) + binary
    return bytes([_SEED, key.suite]) + key.repository + key.seed
