"""Reference data: editions of the public database of medicines, and the starter formulary that comes with the project."""
