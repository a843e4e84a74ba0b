"""Plan de prise: the lines of an ordonnance as a table that a patient follows, in plain French or English."""

from prescriptions.engine.schedule.build import build
from prescriptions.engine.schedule.plan import Box, Cell, Column, Entry, Need, Plan, Row, Section

__all__ = ["Box", "Cell", "Column", "Entry", "Need", "Plan", "Row", "Section", "build"]
