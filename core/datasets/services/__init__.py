from core.datasets.services.publishing import Column, mark_stale, publish
from core.datasets.services.reading import memory, query, table

__all__ = ["Column", "mark_stale", "memory", "publish", "query", "table"]
