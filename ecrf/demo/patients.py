"""Plausible patients from a seed: the sicker, the faster the heart, the lower the pressure, the higher the lactate."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

FIRST = date(2026, 3, 2)


class Patient:
    """One patient. `place` (0 to 1) is when he came in the course of the study: the last ones are still incomplete."""

    def __init__(self, seed: str, place: float) -> None:
        self.rng = random.Random(seed)  # noqa: S311
        self.severity = self.rng.betavariate(2, 3)
        self.included = FIRST + timedelta(days=int(place * 240) + self.rng.randrange(5))
        self.arrived = datetime.combine(self.included, datetime.min.time()) + timedelta(
            minutes=self.rng.randrange(6 * 60, 22 * 60)
        )
        self.age = int(min(96, max(19, self.rng.gauss(66, 16))))
        self.woman = self.rng.random() < 0.45
        self.reached = 6 if place < 0.7 else 5 if place < 0.85 else self.rng.randrange(2, 5)
        self.hesitates = self.rng.random() < 0.2
        self.is_locked = place < 0.2
        self.complete: set[str] = set()

    def number(self, mean: float, slope: float, spread: float, low: float, high: float) -> float:
        """A measure that moves with severity."""
        return min(high, max(low, self.rng.gauss(mean + slope * self.severity, spread)))

    def whole(self, *parts: float) -> str:
        return str(round(self.number(*parts)))

    def tenth(self, *parts: float) -> str:
        return f"{self.number(*parts):.1f}"

    def yes(self, probability: float) -> str:
        return "1" if self.rng.random() < probability else "0"

    def pages(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Page by page as far as this patient's record goes; the last page of some is left half done."""
        makers = [self.inclusion, self.history, self.examination, self.laboratory, self.treatment, self.follow_up]
        names = ["inclusion", "antecedents", "examen_a_l_admission", "biologie", "traitement", "suivi_a_28_jours"]
        for place, (name, make) in enumerate(zip(names, makers, strict=True), start=1):
            if place > self.reached:
                return
            values = make()
            if place == self.reached and self.hesitates:
                yield name, dict(list(values.items())[: len(values) // 2])
                return
            self.complete.add(name)
            yield name, values

    def inclusion(self) -> dict[str, Any]:
        birth = date(self.included.year - self.age, 1, 1) - timedelta(days=self.rng.randrange(1, 300))
        letters = "ABCDEFGHJKLMNPRSTV"
        values = {
            "inclusion_date": str(self.included),
            "consent": "1",
            "consent_date": str(self.included),
            "initials": self.rng.choice(letters) + self.rng.choice(letters),
            "birth_date": str(birth),
            "sex": "1" if self.woman else "2",
            "admission": self.rng.choices("12345", (30, 35, 15, 8, 12))[0],
        }
        if self.woman and self.age < 54:
            values["pregnant"] = self.yes(0.05)
        return values

    def history(self) -> dict[str, Any]:
        odds = {"1": 0.25, "2": 0.45, "3": 0.15, "4": 0.15, "5": 0.12, "6": 0.06, "7": 0.14, "8": 0.1}
        known = [code for code, odd in odds.items() if self.rng.random() < odd * (0.5 + self.age / 100)]
        height = round(self.rng.gauss(163 if self.woman else 176, 7))
        values: dict[str, Any] = {
            "comorbidities": known or ["0"],
            "smoking": self.rng.choices("012", (45, 30, 25))[0],
            "weight": f"{max(42, min(160, self.rng.gauss(26, 4.5) * height * height / 10000)):.1f}",
            "height": str(height),
        }
        if "7" in known:
            values["cancer_site"] = self.rng.choice(["Côlon", "Poumon", "Sein", "Prostate", "Lymphome"])
        if "8" in known:
            values["immuno_cause"] = self.rng.choice("12345")
        return values

    def examination(self) -> dict[str, Any]:
        systolic = round(self.number(132, -52, 14, 62, 210))
        infection = self.rng.choices("12345", (40, 25, 15, 10, 10))[0]
        return {
            "exam_at": f"{self.arrived:%Y-%m-%dT%H:%M}",
            "temperature": "29.4" if self.rng.random() < 0.08 else self.tenth(38.3, 0.8, 0.8, 34.8, 41.2),
            "heart_rate": self.whole(92, 45, 12, 48, 175),
            "sbp": str(systolic),
            "dbp": str(min(systolic - 15, round(self.number(76, -28, 9, 34, 115)))),
            "resp_rate": self.whole(17, 16, 3, 10, 46),
            "spo2": self.whole(97, -9, 2, 78, 100),
            "glasgow": self.whole(15.2, -3, 0.8, 6, 15),
            "chills": self.rng.choices("109", (40, 50, 10))[0],
            "confusion": self.yes(0.1 + 0.6 * self.severity),
            "mottling": self.yes(0.4 * self.severity),
            "oliguria": self.rng.choices("109", (20, 65, 15))[0],
            "pain": self.whole(30, 25, 22, 0, 100),
            "infection": infection,
        }

    def laboratory(self) -> dict[str, Any]:
        lactate = self.number(1.1, 5.5, 0.8, 0.5, 15)
        culture = self.rng.choices("1029", (30, 50, 8, 12))[0]
        values = {
            "lactate": f"{lactate:.1f}",
            "creatinine": self.whole(80, 150, 30, 38, 720),
            "platelets": self.whole(260, -170, 60, 18, 620),
            "bilirubin": self.whole(10, 32, 6, 3, 190),
            "procalcitonin": f"{self.number(1, 28, 3, 0.05, 110):.2f}",
            "blood_culture": culture,
        }
        if float(values["lactate"]) >= 2:
            values["lactate_6h"] = f"{max(0.6, lactate * self.rng.uniform(0.45, 1.05)):.1f}"
        if culture == "1":
            values["germ"] = self.rng.choice(
                ["Escherichia coli", "Streptococcus pneumoniae", "Staphylococcus aureus", "Klebsiella pneumoniae"]
            )
        return values

    def treatment(self) -> dict[str, Any]:
        treated = self.rng.random() < 0.93
        shock = self.severity > 0.6 and self.rng.random() < 0.7
        values: dict[str, Any] = {
            "antibiotic": "1" if treated else "0",
            "fluids": str(round(self.number(700, 2300, 300, 0, 4500) / 250) * 250),
            "vasopressor": "1" if shock else "0",
            "icu": "1" if shock else self.yes(0.3 * self.severity),
        }
        if treated:
            delay = timedelta(minutes=round(self.number(150, -110, 40, 8, 420)))
            values["antibiotic_at"] = f"{self.arrived + delay:%Y-%m-%dT%H:%M}"
            values["antibiotics"] = sorted(self.rng.sample("12345", 2 if shock else 1))
        return values

    def follow_up(self) -> dict[str, Any]:
        died = self.rng.random() < 0.45 * self.severity
        if died:
            stay = self.rng.randrange(1, 25)
            return {"status_28": "3", "death_date": str(self.included + timedelta(days=stay)), "stay": str(stay)}
        stay = round(self.number(5, 22, 4, 1, 28))
        return {"status_28": "2"} if stay >= 28 else {"status_28": "1", "stay": str(stay)}
