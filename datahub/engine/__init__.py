"""Run people's code where it can read one project's data and reach nothing else. No Django here."""
