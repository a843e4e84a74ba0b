"""Make an image anew from its pixels: what else was in the file stays behind. Runs in the sandbox."""

from __future__ import annotations

from typing import BinaryIO

from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

from core.files.unreadable import Unreadable

FORMATS = ("PNG", "JPEG", "TIFF")
MOST_PIXELS = 60_000_000
MOST_PAGES = 100


def reencode(source: BinaryIO, result: BinaryIO, *, most_pixels: int = MOST_PIXELS) -> dict[str, object]:
    """Write a PNG as PNG, a JPEG as JPEG, a TIFF of one page as PNG and of several as TIFF, upright, without metadata.

    Gives format, width, height and pages. Raises Unreadable: too_many_pixels, too_many_pages, damaged.
    """
    Image.MAX_IMAGE_PIXELS = None  # bounded here instead: Pillow would warn first
    try:
        with Image.open(source, formats=FORMATS) as image:
            pages = getattr(image, "n_frames", 1)
            if pages > MOST_PAGES:
                raise Unreadable("too_many_pages", most=MOST_PAGES)
            left, made = most_pixels, []
            for page in ImageSequence.Iterator(image):
                left -= page.width * page.height
                if left < 0:
                    raise Unreadable("too_many_pixels", most=most_pixels // 1_000_000)
                made.append(clean(page))
            form = image.format or ""
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable("damaged") from None
    first = made[0]
    if form == "JPEG":
        first.save(result, "JPEG", quality=92)
    elif len(made) > 1:
        form = "TIFF"
        first.save(result, "TIFF", save_all=True, append_images=made[1:], compression="tiff_deflate")
    else:
        form = "PNG"
        first.save(result, "PNG")
    return {"format": form, "width": first.width, "height": first.height, "pages": len(made)}


def clean(page: Image.Image) -> Image.Image:
    """The pixels alone, turned as the camera said."""
    upright = ImageOps.exif_transpose(page)
    mode = upright.mode if upright.mode in ("1", "L", "LA", "RGB", "RGBA") else "RGB"
    if page.format == "JPEG" and mode in ("LA", "RGBA"):
        mode = "RGB"
    bare = upright.convert(mode)
    bare.info = {}
    return bare
