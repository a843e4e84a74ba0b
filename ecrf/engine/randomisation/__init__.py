"""Random allocation to the arms of a trial: permuted blocks, tables, minimisation, balance. Plain Python, reproducible.

plan = Plan(arms, factors, sizes=(4, 6))
rows = table.generate("a seed", plan, length=40)
"""

from ecrf.engine.randomisation.plan import Arm, Factor, Plan
from ecrf.engine.randomisation.plan_problems import problems
from ecrf.engine.randomisation.stream import Stream
from ecrf.engine.randomisation.table import Row

__all__ = ["Arm", "Factor", "Plan", "Row", "Stream", "problems"]
