"""Settings, addresses and the two doors, web and worker. Importing it makes our Celery the current one."""

from core.config.celery import app as celery

__all__ = ["celery"]
