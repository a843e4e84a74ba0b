"""Form definitions in other formats: read from any of them, written to any of them, with what got lost on the way.

found = exchange.detect(content, "form.xlsx")
done = exchange.convert(content, "odm-2.0", source=found)
done.content, done.losses, done.definition
"""

from ecrf.engine.exchange.conversion import Converted, Read, convert, read, write
from ecrf.engine.exchange.detection import detect
from ecrf.engine.exchange.formats import FORMATS, MAX_BYTES, Format, missing

__all__ = ["FORMATS", "MAX_BYTES", "Converted", "Format", "Read", "convert", "detect", "missing", "read", "write"]
