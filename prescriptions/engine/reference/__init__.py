"""Reference data: editions of the public database of medicines, and the starter that comes with the project."""
