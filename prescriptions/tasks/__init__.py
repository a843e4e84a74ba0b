"""Long work of this tool."""

from prescriptions.tasks.batches import read_batch
from prescriptions.tasks.evaluation import evaluate
from prescriptions.tasks.formats import export_dataset
from prescriptions.tasks.gold import publish_gold
from prescriptions.tasks.lines import export_lines
from prescriptions.tasks.opinions import second_opinions
from prescriptions.tasks.references import load_reference
from prescriptions.tasks.synthetic import generate

__all__ = [
    "evaluate",
    "export_dataset",
    "export_lines",
    "generate",
    "load_reference",
    "publish_gold",
    "read_batch",
    "second_opinions",
]
