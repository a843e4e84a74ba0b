"""The privacy report in words of both languages, and as a page of Markdown."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

CHECKS: dict[str, dict[str, tuple[str, str]]] = {
    "en": {
        "ledger": ("Every value has its source", ("Each value of each text has an entry in the ledger: the row of the "
            "list of medicines or of posologies, or the template, with the seed.")),
        "identifiers": ("No valid identifier", ("RPPS and FINESS numbers fail their check digit (Luhn), social "
            "security numbers their key: no register can hold them.")),
        "names": ("Names of the closed list", ("Every name, street, town and hospital is on the short list of invented "
            "ones that was written for this project.")),
        "phones": ("Telephones that ring nowhere", "Numbers lie in the ranges that ARCEP keeps for fiction."),
        "scan": ("Nothing else that tells of somebody", ("The sieve that holds back real data (names, births, dates, "
            "addresses, numbers) finds nothing beyond the invented values of the ledger.")),
        "copied": ("Nothing copied", ("In no text are more than half of the runs of eight words those of a text that "
            "comes with the project.")),
    },
    "fr": {
        "ledger": ("Chaque valeur a sa source", ("Chaque valeur de chaque texte figure au registre : la ligne de la "
            "liste des médicaments ou des posologies, ou le modèle, avec la graine.")),
        "identifiers": ("Aucun identifiant valide", ("Les numéros RPPS et FINESS ont une clé de Luhn fausse, les "
            "numéros de sécurité sociale une clé fausse : aucun registre ne peut les contenir.")),
        "names": ("Noms de la liste fermée", ("Chaque nom, rue, ville et établissement figure dans la courte liste "
            "inventée pour ce projet.")),
        "phones": ("Téléphones qui ne sonnent nulle part", ("Les numéros sont dans les tranches que l’ARCEP réserve "
            "à la fiction.")),
        "scan": ("Rien d’autre qui désigne quelqu’un", ("Le tamis qui retient les données réelles (noms, naissances, "
            "dates, adresses, numéros) ne trouve rien hors des valeurs inventées du registre.")),
        "copied": ("Rien de recopié", ("Dans aucun texte, plus de la moitié des suites de huit mots ne vient d’un "
            "texte livré avec le projet.")),
    },
}  # fmt: skip
"""Language -> check -> what it is called, and what it says."""

ABSENT: dict[str, dict[str, tuple[str, str]]] = {
    "en": {
        "canaries": ("Canaries", "No model was trained: there is nothing that could have kept a planted sentence."),
        "membership": ("Membership inference", "No real text was read: nobody can have been a member of the data."),
        "distance": ("Distance to training and held-out records", ("There is neither a training nor a held-out set; "
            "the texts that come with the project stand in above.")),
    },
    "fr": {
        "canaries": ("Canaris", "Aucun modèle n’a été entraîné : rien n’aurait pu retenir une phrase piège."),
        "membership": ("Inférence d’appartenance", ("Aucun texte réel n’a été lu : personne n’a pu faire partie des "
            "données.")),
        "distance": ("Distance aux données d’entraînement et de réserve", ("Il n’y a ni données d’entraînement ni "
            "données de réserve ; les textes livrés avec le projet en tiennent lieu ci-dessus.")),
    },
}  # fmt: skip
"""Language -> test that doesn't apply -> its name, and why."""

PHRASES: dict[str, dict[str, str]] = {
    "en": {
        "title": "Privacy report", "passed": "passed", "failed": "FAILED", "of": "{found} found in {looked} documents",
        "verdict": "Nothing was found that tells of anybody.", "refused": "This set must not leave: see what failed.",
        "overlap": "Nearness to the {seeds} texts that come with the project",
        "copied": "Runs of eight words that are shared", "nearest": "Similarity to the nearest text (runs of three)",
        "spread": "middle {median}, 99 of 100 below {p99}, highest {most}", "diversity": "Variety",
        "different": "Different texts", "distinct": "Distinct runs of 1, 2 and 3 words, in {sample} documents",
        "templates": "Templates used", "products": "Products used",
        "weight": "Share of the boxes dispensed in a year (Open Medic) that these products are", "rules": "Rules used",
        "absent": "Tests that don’t apply", "decimal": ".", "colon": ": ",
    },
    "fr": {
        "title": "Rapport de confidentialité", "passed": "conforme", "failed": "NON CONFORME",
        "of": "{found} sur {looked} documents", "verdict": "Rien n’a été trouvé qui désigne quelqu’un.",
        "refused": "Ce lot ne doit pas sortir : voir ce qui n’est pas conforme.",
        "overlap": "Proximité avec les {seeds} textes livrés avec le projet",
        "copied": "Suites de huit mots communes",
        "nearest": "Ressemblance avec le texte le plus proche (suites de trois)",
        "spread": "médiane {median}, 99 sur 100 sous {p99}, maximum {most}", "diversity": "Variété",
        "different": "Textes différents", "distinct": "Suites différentes de 1, 2 et 3 mots, sur {sample} documents",
        "templates": "Modèles utilisés", "products": "Produits utilisés",
        "weight": "Part des boîtes dispensées en un an (Open Medic) que ces produits représentent",
        "rules": "Règles utilisées", "absent": "Tests sans objet", "decimal": ",", "colon": "\N{NO-BREAK SPACE}: ",
    },
}  # fmt: skip


def tables(report: Json, language: str) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """(key, heading, rows of what and value) of all that is told besides the checks. `language` is `fr` or `en`."""
    said, found = PHRASES[language], report["diversity"]

    def number(value: float) -> str:
        return f"{value}".replace(".", said["decimal"])

    def spread(of: str) -> str:
        return said["spread"].format(**{key: number(value) for key, value in report["overlap"][of].items()})

    overlap = [(said["copied"], spread("copied")), (said["nearest"], spread("nearest"))]
    diversity = [
        (said["different"], f"{found['different']} / {found['documents']}"),
        (said["distinct"].format(sample=found["sample"]), " · ".join(map(number, found["distinct"].values()))),
        (said["templates"], " / ".join(map(str, found["templates"]))),
        (said["rules"], str(found["rules"])),
        (said["products"], " / ".join(map(str, found["products"]))),
        (said["weight"], f"{number(round(100 * found['weight'], 1))}\N{NO-BREAK SPACE}%"),
    ]
    return [
        ("overlap", said["overlap"].format(seeds=report["overlap"]["seeds"]), overlap),
        ("diversity", said["diversity"], diversity),
        ("absent", said["absent"], [ABSENT[language][key] for key in report["not_applicable"]]),
    ]


def markdown(report: Json, language: str) -> str:
    """The whole report for people to read. `language` is `fr` or `en`."""
    said = PHRASES[language]
    lines = [f"# {said['title']}", "", said["verdict"] if report["passed"] else f"**{said['refused']}**", ""]
    for check in report["checks"]:
        name, meaning = CHECKS[language][check["key"]]
        state = said["passed" if check["passed"] else "failed"]
        examples = f" ({', '.join(check['examples'])})" if check["examples"] else ""
        lines += [f"- **{name}{said['colon']}{state}**, {said['of'].format(**check)}{examples}. {meaning}"]
    for _key, heading, rows in tables(report, language):
        lines += ["", f"## {heading}", "", *(f"- {what}{said['colon']}{value}" for what, value in rows)]
    return "\n".join(lines) + "\n"
