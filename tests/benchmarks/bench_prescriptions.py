"""Speed and exactness of the reading of prescriptions: `make bench`, on one core."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import time
from collections import defaultdict
from pathlib import Path

import pytest

from prescriptions import engine
from prescriptions.engine.reference import archives, building
from prescriptions.engine.text import plain
from tests.prescriptions import own_cases
from tests.prescriptions.scoring import wrong_medication

ROOT = Path(__file__).resolve().parents[2]
CASES = [json.loads(line) for line in (ROOT / "tests/prescriptions/data/cases.jsonl").read_text().splitlines()]
LINES = [case for case in CASES if case["type"] == "line"]
TRIAL_DATA = Path(os.environ.get("SUITE_TRIAL_DATA", ROOT.parent / "shared" / "data"))
ROUNDS = 20


def lexicons() -> list[tuple[str, engine.Lexicon]]:
    """Our own list, and the whole official one where its files are at hand."""
    folder = TRIAL_DATA / "bdpm"
    whole: list[tuple[str, engine.Lexicon]] = []
    if folder.is_dir():
        made = building.build(archives.read_files(folder), name="BDPM", edition="2026-05-26")
        whole.append(("BDPM", made.lexicon))
    return [("starter", engine.starter()), *whole]


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


def test_speed() -> None:
    """Lines and whole prescriptions a second, and the peak of memory."""
    for name, lexicon in lexicons():
        for case in LINES:
            engine.read_line(case["text"], lexicon)
        started = time.process_time()
        for _round in range(ROUNDS):
            for case in LINES:
                engine.read_line(case["text"], lexicon)
        lines = ROUNDS * len(LINES) / (time.process_time() - started)
        whole = [case for case in CASES if case["type"] == "prescription"]
        started = time.process_time()
        for _round in range(ROUNDS):
            for case in whole:
                engine.read_ordonnance(case["text"], lexicon)
        documents = ROUNDS * len(whole) / (time.process_time() - started)
        print(f"\n{name}: {lines:,.0f} lines/s, {documents:,.0f} prescriptions/s on one core")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")
