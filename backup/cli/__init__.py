"""The command line `suite-backup`: the engine for a person at a terminal, a timer or a script. It knows no Django."""

VERSION = "1.0.0"
