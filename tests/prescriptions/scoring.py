"""Compare a reading with what a case expects, by meaning: the engine's own comparison, under the name tests use."""

from prescriptions.engine.evaluation.meaning import wrong as wrong_medication

__all__ = ["wrong_medication"]
