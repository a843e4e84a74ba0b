"""Train the tagger that gives a second opinion, and write its card.

The data are JSON lines of cases with spans, such as `generate` writes. The same data and seed give the same bytes.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from prescriptions import engine
from prescriptions.commands.evaluate import cases_of
from prescriptions.engine.opinions.training import TooFew, fit

Json = dict[str, Any]


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("data", help="a file of single lines with spans, as JSON lines")
    parser.add_argument(
        "--out", type=Path, default=Path("tagger.crfsuite"), help="the model; its card stands beside it"
    )
    parser.add_argument("--seed", type=int, default=0)


def run(options: Json) -> None:
    cases = [case for case in cases_of(options["data"]) if case.type == "line"]
    path: Path = options["out"]
    try:
        card = fit(cases, path, options["seed"], engine.starter())
    except TooFew as error:
        raise CommandError(f"{options['data']}: no line with spans to use as {error}") from error
    path.with_suffix(".json").write_text(json.dumps(card, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    path.with_suffix(".md").write_text(words(card), encoding="utf-8")
    test = card["scores"]["test"]
    told = f"{card['bytes']} bytes, sha256 {card['sha256'][:16]}, F1 {test['micro']['f1']} on {test['lines']} lines"
    options["stdout"].write(f"{path}: {told}")


def words(card: Json) -> str:
    """The card as a page for people: what it is, what it learnt from, how good it is, what not to use it for."""
    data = card["data"]
    rows = "\n".join(
        f"| {kind} | {row['precision']} | {row['recall']} | {row['f1']} | {row['support']} |"
        for kind, row in card["scores"]["test"]["kinds"].items()
    )
    worth = "\n".join(
        f"| {kind} | {row['agree']} | {row['disagree']} | {row['right']} | {row['wrong']} |"
        for kind, row in card["factors"].items()
    )
    test = card["scores"]["test"]
    return f"""# Tagger of prescription lines

A conditional random field (CRFsuite) that marks what the words of one line are about. It gives a second opinion on the
confidence of a reading; it never changes what was read. Not a medical device.

## Data
Trained on {data["train"]["lines"]} lines (sha256 `{data["train"]["sha256"]}`), measured on {data["dev"]["lines"]},
tested on {data["test"]["lines"]} (sha256 `{data["test"]["sha256"]}`), seed {card["seed"]}. Where the set parts
templates and brands, so do these.

## Scores on the test lines (spans, strict)
Micro F1 {test["micro"]["f1"]}, lines tagged wholly right {test["line_exact"]}.

| kind | precision | recall | F1 | spans |
|---|---|---|---|---|
{rows}

## What its opinion is worth
The odds that a field is right are multiplied by these, as counted on the lines that measure. Kinds of which fewer
than five readings were wrong are left out: too few to tell.

| kind | agrees | disagrees | right | wrong |
|---|---|---|---|---|
{worth}

## Limits
It knows what its training lines know: synthetic French ordonnances, typed. On real ones it is worth less; measure it
on your own before you rely on it. It reads single lines, no head and no patient.

Model: {card["bytes"]} bytes, sha256 `{card["sha256"]}`; settings {json.dumps(card["settings"], sort_keys=True)}.
"""
