"""PNG, JPEG, TIFF, WebP and HEIC: their pages as pixels, as the camera held them."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator

import numpy as np
import pillow_heif
from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

from prescriptions.engine.scans.geometry import Pixels
from prescriptions.engine.scans.refusing import Limits, Refused

FORMATS = ("PNG", "JPEG", "TIFF", "WEBP", "HEIF")
HEIF = b"ftyp"
"""From the fifth byte of a HEIC file on, whole or cut off."""
USUAL_DPI = 150
"""Where a file doesn't say its own, or says one that gives no paper."""
A4_POINTS = 595

pillow_heif.register_heif_opener()


def frames(data: bytes, limits: Limits) -> Iterator[Pixels]:
    """Each page, turned as its EXIF says, transparent parts white. Raises Refused."""
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(io.BytesIO(data), formats=FORMATS) as image:
            count = getattr(image, "n_frames", 1)
            if count > limits.pages:
                raise Refused("too_many_pages", pages=count, most=limits.pages)
            for number, frame in enumerate(ImageSequence.Iterator(image), 1):
                if frame.width * frame.height > limits.pixels:
                    raise Refused("page_too_large", page=number)
                yield np.asarray(_opaque(ImageOps.exif_transpose(frame)))
    except UnidentifiedImageError as error:
        raise Refused("damaged" if data[4:8] == HEIF else "unknown_kind") from error
    except Image.DecompressionBombError as error:  # told by its head, before a pixel of it is read
        raise Refused("page_too_large", page=1) from error
    except (OSError, SyntaxError, ValueError, MemoryError, EOFError) as error:
        if isinstance(error, Refused):
            raise
        raise Refused("damaged") from error


def _opaque(image: Image.Image) -> Image.Image:
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        clear = image.convert("RGBA")
        white = Image.new("RGBA", clear.size, "white")
        return Image.alpha_composite(white, clear).convert("RGB")
    if image.mode in ("I", "I;16", "F"):
        values = np.asarray(image, np.float64)
        spread = values.max() - values.min() or 1.0
        return Image.fromarray(((values - values.min()) / spread * 255).astype(np.uint8)).convert("RGB")
    return image.convert("RGB")


def points(pixels: Pixels) -> tuple[float, float]:
    """The size of the page in points: a sheet as wide as A4, since what images say of their resolution is seldom so."""
    height, width = pixels.shape[:2]
    return float(A4_POINTS), A4_POINTS * height / width
