"""The acts of `manage.py prescriptions`: each module has `arguments(parser)` and `run(options)`."""
