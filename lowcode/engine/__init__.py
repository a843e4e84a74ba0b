"""The query language of the analyses, its compiler and its charts: plain Python, no Django.

A query is read (`read`), checked against the table's columns (`check`), compiled into one Ibis expression
(`compile_query`) that DuckDB or PostgreSQL runs, told in words (`explain`), protected (`mask`) and drawn (`chart`).
"""

from lowcode.engine.check import check
from lowcode.engine.columns import Column, Kind, Table
from lowcode.engine.compile import Plan, compile_query
from lowcode.engine.faults import BadQuery, Finding
from lowcode.engine.query import Query, Source, read
from lowcode.engine.result import Result

__all__ = [
    "BadQuery",
    "Column",
    "Finding",
    "Kind",
    "Plan",
    "Query",
    "Result",
    "Source",
    "Table",
    "check",
    "compile_query",
    "read",
]
