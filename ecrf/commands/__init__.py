"""The acts of ``manage.py ecrf``, one module each: `arguments(parser)` and `run(options)`."""
