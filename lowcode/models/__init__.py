from lowcode.models.analysis import Analysis
from lowcode.models.result import StoredResult

__all__ = ["Analysis", "StoredResult"]
