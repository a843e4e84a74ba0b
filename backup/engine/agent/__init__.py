"""The agent of a machine: it asks the portal what is to be done, does it by the engine, and reports."""
