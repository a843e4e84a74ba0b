"""Sign in to a suite from a command line, and stay signed in: no Django, nothing but the standard library."""

from core.provider.engine.session import Session, sign_in
from core.provider.engine.wire import Expired, Failed, Refused

__all__ = ["Expired", "Failed", "Refused", "Session", "sign_in"]
