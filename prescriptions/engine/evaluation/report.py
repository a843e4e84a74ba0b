"""What a run over a set shows: exactness, fields, faults that harm, silence, calibration; whole and by group."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

from prescriptions.engine.confidence import THRESHOLD
from prescriptions.engine.evaluation.bootstrap import f1_interval, ratio_interval
from prescriptions.engine.evaluation.calibration import Sample, calibration, coverage, threshold_for
from prescriptions.engine.evaluation.meaning import FIELDS, JOINT
from prescriptions.engine.evaluation.outcome import Count, Judged, Outcome

Json = dict[str, Any]
WISHED = (0.95, 0.98, 0.99, 0.995)
"""Precisions for which the threshold and the coverage are told."""
MOST_STEPS = 200


def report(outcomes: Sequence[Outcome], *, threshold: float = THRESHOLD, seed: int = 0) -> Json:
    """All figures of a run, as JSON. Shares are from 0 to 1; intervals are of 95 %."""
    return {
        **summary(outcomes, threshold, seed),
        "threshold": threshold,
        "fields": fields(outcomes, seed),
        "spans": spans(outcomes),
        "groups": {
            name: [{"group": value, **summary(group, threshold, seed)} for value, group in _groups(outcomes, key)]
            for name, key in GROUPS.items()
        },
        "coding": coding(outcomes),
        "calibration": {"field": _calibrated(field_samples(outcomes)), "line": _calibrated(line_samples(outcomes))},
        "coverage": [asdict(step) for step in _thinned(coverage(line_samples(outcomes)))],
        "wished": [
            {"precision": wish, **({} if step is None else asdict(step) | {"reached": step.precision})}
            | {"precision": wish}
            for wish in WISHED
            for step in [threshold_for(line_samples(outcomes), wish)]
        ],
        "optical": {value or "": optical(group) for value, group in _groups(outcomes, lambda one: one.condition)
                    if any(one.optical for one in group)},
    }  # fmt: skip


GROUPS: dict[str, Callable[[Outcome], str]] = {
    "category": lambda one: one.category,
    "noise": lambda one: one.noise,
    "condition": lambda one: one.condition,
    "type": lambda one: one.type,
}


def summary(outcomes: Sequence[Outcome], threshold: float, seed: int) -> Json:
    """The figures that every group has too. `silent`: wrong, and no field of the line below the threshold."""
    lines = [list(_expected(one)) for one in outcomes]
    flat = [line for each in lines for line in each]
    exact = [sum(line.is_exact for line in each) for each in lines]
    daily = [line for line in flat if line.expected and "dailyDose" in line.expected]
    wrong_daily = [line for line in daily if line.got is None or "daily" in line.wrong]
    silent = [line for one in outcomes for line in one.lines if is_silent(line, threshold)]
    counts = [_total(one) for one in outcomes]
    whole = [one for one in outcomes if one.type == "prescription"]
    return {
        "cases": len(outcomes),
        "lines": len(flat),
        "lines_exact": sum(exact),
        "line_exact": _share(sum(exact), len(flat)),
        "line_exact_interval": ratio_interval(exact, [len(each) for each in lines], seed),
        "documents": len(whole),
        "document_exact": _share(sum(one.is_exact for one in whole), len(whole)),
        "schedule_exact": _field_share(flat, ("schedule", "unit", "duration", "frame")),
        "f1": _f1(_sum(counts)),
        "f1_interval": f1_interval(counts, seed),
        "missing": sum(line.got is None for line in flat),
        "spurious": sum(line.expected is None for one in outcomes for line in one.lines),
        "daily_errors": len(wrong_daily),
        "daily_error_rate": _share(len(wrong_daily), len(daily)),
        "ten_times": sum(line.factor == 10 for line in flat),
        "thousand_times": sum(line.factor == 1000 for line in flat),
        "silent": len(silent),
        "silent_rate": _share(len(silent), len(flat)),
        "silent_daily": sum(is_silent(line, threshold) for line in wrong_daily),
        "silent_magnitude": sum(line.factor > 0 for line in silent),
        "to_check": sum(line.confidence < threshold for line in flat),
    }


def is_silent(line: Judged, threshold: float) -> bool:
    """Wrong, and nobody is told: the confidence of every field is at or above the threshold."""
    return not line.is_exact and line.got is not None and line.confidence >= threshold


def silent_fields(line: Judged, threshold: float) -> list[str]:
    """The wrong fields of which the reader was sure."""
    return [name for name in line.wrong if line.got is not None and line.sureness(name) >= threshold]


def fields(outcomes: Sequence[Outcome], seed: int) -> list[Json]:
    """Precision, recall and F1 of each field, strict and lenient, with the share of lines where it is right."""
    rows = []
    for name in FIELDS:
        strict = [_of(one, name, "strict") for one in outcomes]
        lenient = [_of(one, name, "lenient") for one in outcomes]
        told = [line for one in outcomes for line in one.lines if name in line.strict]
        if sum(map(sum, strict)) == 0:
            continue
        found, too_much, missing = _sum(strict)
        rows.append({
            "field": name,
            "precision": _share(found, found + too_much),
            "recall": _share(found, found + missing),
            "f1": _f1((found, too_much, missing)),
            "f1_interval": f1_interval(strict, seed),
            "lenient_f1": _f1(_sum(lenient)),
            "support": found + missing,
            "right": _share(sum(name not in line.wrong for line in told), len(told)),
            "wrong": sum(name in line.wrong for line in told),
        })  # fmt: skip
    return rows


def spans(outcomes: Sequence[Outcome]) -> list[Json]:
    """Strict and lenient F1 of where values stand, where the set says it."""
    kinds = sorted({kind for one in outcomes for kind in one.span_counts})
    rows = []
    for kind in kinds:
        strict = _sum([one.span_counts[kind][0] for one in outcomes if kind in one.span_counts])
        lenient = _sum([one.span_counts[kind][1] for one in outcomes if kind in one.span_counts])
        rows.append({"kind": kind, "f1": _f1(strict), "lenient_f1": _f1(lenient), "support": strict[0] + strict[2]})
    return rows


def coding(outcomes: Sequence[Outcome]) -> Json:
    """Whether the right code is first or among the first five, the mean reciprocal rank, and the levels of ATC."""
    lines = [line for one in outcomes for line in one.lines]
    levels = [line.atc_level for line in lines if line.atc_level is not None]
    named = [line for line in lines if line.expected and line.expected.get("name")]
    found: Json = {
        "names": len(named),
        "name_top1": _share(sum(line.got is not None and "name" not in line.wrong for line in named), len(named)),
        "atc_levels": [_share(sum(level >= size for level in levels), len(levels)) for size in range(1, 6)],
    }
    for code in ("atc", "cis"):
        ranks = [rank for line in lines if (rank := getattr(line, f"{code}_rank")) is not None]
        found |= {
            f"{code}_count": len(ranks),
            f"{code}_top1": _share(sum(rank == 1 for rank in ranks), len(ranks)),
            f"{code}_top5": _share(sum(1 <= rank <= 5 for rank in ranks), len(ranks)),
            f"{code}_mrr": _share(sum(1 / rank for rank in ranks if rank), len(ranks)),
        }
    return found


def optical(outcomes: Sequence[Outcome]) -> Json:
    """Character and word error rates over all pages, and the share of lines, digits and micro signs that are right."""
    pages = [one.optical for one in outcomes if one.optical]

    def total(name: str) -> int:
        return sum(getattr(page, name) for page in pages)

    return {
        "pages": len(pages),
        "cer": _share(total("character_errors"), total("characters")),
        "wer": _share(total("word_errors"), total("words")),
        "line_exact": _share(total("exact_lines"), total("lines")),
        "digits_exact": _share(total("exact_digits"), total("digit_lines")),
        "micro_exact": _share(total("micros_kept"), total("micros")),
    }


def field_samples(outcomes: Sequence[Outcome]) -> list[Sample]:
    """(confidence, right) of each field that was read."""
    return [
        (sure, name not in line.wrong)
        for one in outcomes
        for line in one.lines
        for name, sure in line.sure.items()
        if name in line.strict and name not in JOINT
    ]


def line_samples(outcomes: Sequence[Outcome]) -> list[Sample]:
    """(confidence, exact) of each line that was read."""
    return [(line.confidence, line.is_exact) for one in outcomes for line in one.lines if line.got is not None]


def _groups(outcomes: Sequence[Outcome], key: Callable[[Outcome], str]) -> Iterator[tuple[str, list[Outcome]]]:
    groups: dict[str, list[Outcome]] = {}
    for one in outcomes:
        groups.setdefault(key(one), []).append(one)
    if set(groups) != {""}:
        yield from sorted(groups.items())


def _expected(outcome: Outcome) -> Iterator[Judged]:
    return (line for line in outcome.lines if line.expected is not None)


def _of(outcome: Outcome, name: str, how: str) -> Count:
    return _sum([getattr(line, how)[name] for line in outcome.lines if name in line.strict])


def _total(outcome: Outcome) -> Count:
    return _sum([count for line in outcome.lines for count in line.strict.values()])


def _sum(counts: Sequence[Count]) -> Count:
    found, too_much, missing = (sum(column) for column in zip(*counts, strict=True)) if counts else (0, 0, 0)
    return found, too_much, missing


def _f1(count: Count) -> float | None:
    return _share(2 * count[0], 2 * count[0] + count[1] + count[2])


def _share(part: float, whole: float) -> float | None:
    return round(part / whole, 4) if whole else None


def _field_share(lines: Sequence[Judged], names: tuple[str, ...]) -> float | None:
    return _share(sum(line.got is not None and not set(names) & set(line.wrong) for line in lines), len(lines))


def _calibrated(samples: list[Sample]) -> Json:
    return asdict(calibration(samples))


def _thinned(steps: Sequence[Any]) -> list[Any]:
    """At most two hundred steps of a curve, its ends kept."""
    if len(steps) <= MOST_STEPS:
        return list(steps)
    places = {round(place * (len(steps) - 1) / (MOST_STEPS - 1)) for place in range(MOST_STEPS)}
    return [steps[place] for place in sorted(places)]
