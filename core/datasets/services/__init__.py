from core.datasets.services.publishing import Column, add, mark_stale, prepared, publish
from core.datasets.services.reading import memory, query, table

__all__ = ["Column", "add", "mark_stale", "memory", "prepared", "publish", "query", "table"]
