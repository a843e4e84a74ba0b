"""REDCap's project XML: CDISC ODM 1.3.1 with extensions of its own."""

from ecrf.engine.redcap.project.clinical import read_project_data
from ecrf.engine.redcap.project.reading import read_project
from ecrf.engine.redcap.project.writing import write_project, write_project_data

__all__ = ["read_project", "read_project_data", "write_project", "write_project_data"]
