"""Speed and exactness of the reading of prescriptions: `make bench`, on one core."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path
from statistics import median
from typing import NamedTuple

import pytest

from prescriptions import engine
from prescriptions.engine.reference import archives, building, storing
from prescriptions.engine.reference.catalogue import Reference
from prescriptions.engine.reference.starting import starter
from prescriptions.engine.synthetic import records
from prescriptions.engine.synthetic.catalogue import Catalogue
from prescriptions.engine.synthetic.documents import Generator
from prescriptions.engine.synthetic.profiles import MIX
from prescriptions.engine.text import plain
from tests.prescriptions import own_cases
from tests.prescriptions.scoring import wrong_medication

ROOT = Path(__file__).resolve().parents[2]
CASES = [json.loads(line) for line in (ROOT / "tests/prescriptions/data/cases.jsonl").read_text().splitlines()]
LINES = [case for case in CASES if case["type"] == "line"]
TRIAL_DATA = Path(os.environ.get("SUITE_TRIAL_DATA", ROOT.parent / "shared" / "data"))
ROUNDS = 40
RUNS = 3
UNSEEN = 400
"""Fictitious documents whose lines are read once each."""


def references() -> list[tuple[str, Reference | None]]:
    """Our own list (None: it needs no file), and the whole official one where its files are at hand."""
    folder = TRIAL_DATA / "bdpm"
    whole: list[tuple[str, Reference | None]] = []
    if folder.is_dir():
        whole.append(("BDPM", building.build(archives.read_files(folder), name="BDPM", edition="2026-05-26")))
    return [("starter", None), *whole]


def lexicons() -> list[tuple[str, engine.Lexicon]]:
    """Their names."""
    return [(name, (made or starter()).lexicon) for name, made in references()]


def test_exactness() -> None:
    """Cases read exactly, by category, with each list of medicines."""
    for name, lexicon in lexicons():
        exact: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for case in CASES:
            expected = case["expected"]
            if case["type"] == "line":
                got = engine.encode(engine.read_line(case["text"], lexicon).medication)
                good = not wrong_medication(expected, got, case["scoring"])
            else:
                found = engine.summary(engine.read_ordonnance(case["text"], lexicon))["medications"]
                wanted = expected["medications"]
                good = len(found) == len(wanted) and not any(map(wrong_medication, wanted, found))
            exact[case["category"]][0] += good
            exact[case["category"]][1] += 1
        total = [sum(counts) for counts in zip(*exact.values(), strict=True)]
        print(
            f"\n{name}: {total[0]}/{total[1]} cases exact; " + ", ".join(f"{k} {a}/{b}" for k, (a, b) in exact.items())
        )


EDSNLP = os.environ.get("SUITE_EDSNLP_PYTHON", "")
"""An interpreter that has edsnlp: an environment of its own, since the project does not depend on it."""
MATCHER = """
import json, sys, time, edsnlp
nlp = edsnlp.blank("eds")
nlp.add_pipe("eds.drugs")
lines = json.load(sys.stdin)
found = [[[one.text, one.kb_id_] for one in nlp(line).ents] for line in lines]
started = time.process_time()
for _ in range(5):
    for line in lines:
        nlp(line)
json.dump({"found": found, "rate": 5 * len(lines) / (time.process_time() - started), "version": edsnlp.__version__},
          sys.stdout)
"""


def drug_lines() -> list[tuple[str, str, set[str]]]:
    """Lines that name a medicine: text, plain name, accepted ATC codes."""
    own = (case for case in own_cases.lines() if "name" in case["expected"])
    published = (case for case in LINES if "name" in case["expected"])
    return [
        (
            case["text"],
            plain(case["expected"]["name"]),
            {case["expected"].get("atc", ""), *case["expected"].get("accept_atc", ())} - {""},
        )
        for case in (*published, *own)
    ]


def test_beside_edsnlp() -> None:
    """The medicine found in the same lines, and lines a second, by us (whole reading) and by edsnlp's matcher."""
    lines = drug_lines()
    for name, lexicon in lexicons():
        started = time.process_time()
        read = [engine.read_line(text, lexicon).medication for text, _, _ in lines]
        rate = len(lines) / (time.process_time() - started)
        named = sum(plain(one.name) == wanted for one, (_, wanted, _) in zip(read, lines, strict=True))
        coded = [(one.atc in codes) for one, (_, _, codes) in zip(read, lines, strict=True) if codes]
        shares = f"name {named / len(lines):.1%}, ATC {sum(coded) / len(coded):.1%}"
        print(f"\n{name}: {len(lines)} lines, {shares}, {rate:,.0f} lines/s")
    if not EDSNLP:
        pytest.skip("SUITE_EDSNLP_PYTHON names no interpreter with edsnlp")
    ran = subprocess.run(
        [EDSNLP, "-c", MATCHER],
        input=json.dumps([text for text, _, _ in lines]),
        capture_output=True,
        text=True,
        check=True,
    )
    theirs = json.loads(ran.stdout[ran.stdout.index("{") :])
    named = coded_right = with_code = 0
    for found, (_, wanted, codes) in zip(theirs["found"], lines, strict=True):
        named += any(wanted.startswith(plain(text)) or plain(text).startswith(wanted) for text, _ in found)
        with_code += bool(codes)
        coded_right += bool(codes & {code for _, code in found})
    print(
        f"edsnlp {theirs['version']} eds.drugs: name {named / len(lines):.1%}, ATC {coded_right / with_code:.1%}, "
        f"{theirs['rate']:,.0f} lines/s (the name alone)"
    )


class Ran(NamedTuple):
    """What a process took: seconds of the processor, and its peak of memory in MB."""

    seconds: float
    memory: float


MEASURED = """
import json, resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([used.ru_utime + used.ru_stime, used.ru_maxrss / 1024]))
"""
"""A small process between this one and the measured one, which would else begin with this one's memory."""


def ran(asked: list[dict[str, str]], reference: Path | None) -> Ran:
    """`python -m prescriptions.engine` answering these: reading, safety, confidence, product links, JSON in and out."""
    command = [sys.executable, "-m", "prescriptions.engine", *(["--reference", str(reference)] if reference else [])]
    lines = "".join(json.dumps({"type": one["type"], "text": one["text"]}) + "\n" for one in asked)
    told = subprocess.run(
        [sys.executable, "-c", MEASURED, *command], input=lines, capture_output=True, text=True, check=True, cwd=ROOT
    )
    return Ran(*json.loads(told.stdout))


def typical(asked: list[dict[str, str]], reference: Path | None) -> Ran:
    """The median of several runs."""
    runs = [ran(asked, reference) for _ in range(RUNS)]
    return Ran(median(one.seconds for one in runs), median(one.memory for one in runs))


def unseen() -> list[dict[str, str]]:
    """Lines that are all different, so that nothing is answered from memory."""
    generator = Generator(Catalogue(starter().products), "speed", MIX)
    lines = (case["text"] for one in generator.documents(0, UNSEEN) for case in records.line_cases(one))
    return [{"type": "line", "text": text} for text in dict.fromkeys(lines)]


def test_speed(tmp_path: Path) -> None:
    """What the engine's own command does of lines and prescriptions in a second, in a process of its own."""
    works = {
        "lines/s": ROUNDS * [case for case in CASES if case["type"] == "line"],
        "lines/s all different": unseen(),
        "prescriptions/s": ROUNDS * [case for case in CASES if case["type"] == "prescription"],
    }
    for name, made in references():
        file = None
        if made is not None:
            file = tmp_path / "reference"
            file.write_bytes(storing.dump(made))
        start = typical([], file)
        rates = []
        for what, asked in works.items():
            took = typical(asked, file)
            rates.append(f"{len(asked) / (took.seconds - start.seconds):,.0f} {what} ({took.memory:.0f} MB)")
        print(f"\n{name}: {', '.join(rates)}; ready in {start.seconds:.2f} s ({start.memory:.0f} MB)")
