"""Files as people send them: small PDFs written here, byte by byte, archives of them, scans and photos of a page."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Mapping, Sequence

import pypdfium2
import typst
from PIL import Image

from prescriptions.engine.synthetic.wear import worn

LYING = 6
"""The orientation, in EXIF, of a photo that is to be turned clockwise to stand upright."""
ROWS = (
    "Le 12/11/2026",
    "DOLIPRANE 1000 mg : 1 cp matin et soir pendant 5 jours si douleur",
    "SERESTA 50 : 1/2 cp le soir",
)


def pdf(*rows: str, pages: Sequence[Sequence[str]] = ()) -> bytes:
    """A PDF whose pages show these rows in Helvetica, from the top."""
    sheets = [list(rows or ROWS)] if not pages else [list(each) for each in pages]
    kids = " ".join(f"{4 + 2 * place} 0 R" for place in range(len(sheets)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(sheets)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for place, sheet in enumerate(sheets):
        shown = "\n".join(f"({row.replace('(', '[').replace(')', ']')}) Tj T*" for row in sheet)
        stream = f"BT /F1 14 Tf 50 760 Td 26 TL\n{shown}\nET"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {5 + 2 * place} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>"
        )
        objects.append(f"<< /Length {len(stream.encode('cp1252'))} >>\nstream\n{stream}\nendstream")
    made, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(made))
        made += f"{number} 0 obj\n{content}\nendobj\n".encode("cp1252")
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    end = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>"
    return made + f"{end}\nstartxref\n{len(made)}\n%%EOF\n".encode()


def archive(files: Mapping[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return made.getvalue()


def picture(rows: Sequence[str], condition: str) -> Image.Image:
    """A printed page after scan, fax or photo, always the same."""
    printed = "\n\n".join(rows).replace("/", "\\/")
    sheet = typst.compile(f'#set page(paper: "a4", margin: 2cm)\n#set text(size: 12pt)\n{printed}'.encode())
    clean = pypdfium2.PdfDocument(sheet)[0].render(scale=200 / 72).to_pil()
    return worn(clean, condition, random.Random(5)).image.convert("RGB")


def scan(rows: Sequence[str] = ROWS, turned: int = 0) -> bytes:
    """A PDF of one image, as a scanner makes it: without a text layer; `turned` degrees counter-clockwise."""
    made = io.BytesIO()
    picture(rows, "scan").rotate(turned, expand=True).save(made, "PDF", resolution=200)
    return made.getvalue()


def photo(rows: Sequence[str] = ROWS) -> bytes:
    """A JPEG as a phone takes it: its pixels lie on their side, and EXIF says so."""
    exif, made = Image.Exif(), io.BytesIO()
    exif[0x0112] = LYING
    picture(rows, "photo").transpose(Image.Transpose.ROTATE_90).save(made, "JPEG", quality=85, exif=exif)
    return made.getvalue()
