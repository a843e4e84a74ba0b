"""What a page goes through before it is read: stains, stamps and folds on the paper, then a scanner, a fax or a phone.

worn(page, "fold+photo", random.Random(7)).transform.box(box_of_a_word)
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from prescriptions.engine.scans.geometry import (
    SAME,
    Matrix,
    Pixels,
    Size,
    moved,
    resized,
    scaling,
    size_of,
    turning,
    warped,
)  # fmt: skip
from prescriptions.engine.scans.page import Box

A4_INCHES = 8.27
"""Width of the paper, by which pixels are dots per inch."""
SCANNER_DPI, PHONE_DPI = 200, 170
FAX_WIDTH = 1728
"""Dots of a line of a group 3 fax (ITU-T T.4), at its fine resolution, whose dots are almost square."""
STAMP = ("PHARMACIE FICTIVE", "DELIVRE LE 12 NOV.", "No 00000")
INKS = ((40, 50, 150), (110, 40, 130), (170, 30, 40))


@dataclass(frozen=True, slots=True)
class Transform:
    """Where the points of a clean page lie on the worn one."""

    matrix: Matrix
    clean: Size
    worn: Size

    def box(self, box: Box) -> Box:
        """The rectangle on the worn image around what `box` holds on the clean page, both in fractions."""
        return moved(box, self.matrix, self.clean, self.worn)


@dataclass(frozen=True, slots=True)
class Worn:
    """`image` is of mode 1 after a fax, else RGB."""

    image: Image.Image
    transform: Transform


@dataclass(frozen=True, slots=True)
class Sheet:
    """The page on its way: RGB pixels, and the map that brought them here."""

    pixels: Pixels
    matrix: Matrix


def worn(image: Image.Image, condition: str, chance: random.Random) -> Worn:
    """The page of `image` (A4, upright) after `condition`: one of CONDITIONS, or several joined by `+`.

    Marks of the paper come before what captures it, whatever the order they are named in. The same `chance` gives the
    same pixels. Raises ValueError for a condition that doesn't exist.
    """
    named = set(condition.split("+"))
    if unknown := named - set(CONDITIONS):
        raise ValueError(f"no such condition: {', '.join(sorted(unknown))}")
    sheet = Sheet(np.asarray(image.convert("RGB")), SAME)
    for name, wear in WEAR.items():
        if name in named:
            sheet = wear(sheet, chance)
    made = Image.fromarray(sheet.pixels)
    if "fax" in named and "photo" not in named:
        made = made.convert("1", dither=Image.Dither.NONE)
    return Worn(made, Transform(sheet.matrix, image.size, size_of(sheet.pixels)))


def stained(sheet: Sheet, chance: random.Random) -> Sheet:
    """The rings of a cup, thin here and broken there, and drops, brown, through which one can still read."""
    width, height = size_of(sheet.pixels)
    mask = np.zeros((height, width), np.float32)
    rings = [(chance.uniform(0.06, 0.1), chance.uniform(0.03, 0.1)) for _ in range(chance.randint(1, 2))]
    drops = [(chance.uniform(0.003, 0.012), chance.uniform(0.2, 0.35)) for _ in range(chance.randint(0, 6))]
    for share, fill in (*rings, *drops):
        spot = blot(width * share, fill, chance)
        left, top = round(width * chance.uniform(0, 0.9)), round(height * chance.uniform(0, 0.9))
        under = mask[top : top + len(spot), left : left + len(spot)]
        np.maximum(under, spot[: under.shape[0], : under.shape[1]], out=under)
    return painted(sheet, cv2.GaussianBlur(mask, (0, 0), width / 900).astype(np.float32), (120, 75, 30))


def blot(radius: float, fill: float, chance: random.Random) -> NDArray[np.float32]:
    """How much of a dried drop lies on each point of a square: most at its rim, which is neither round nor whole."""
    waves = [(number, chance.uniform(0, 2 * math.pi), chance.uniform(0, 0.03)) for number in range(1, 6)]
    side = math.ceil(2.6 * radius)
    down, across = np.mgrid[0:side, 0:side] - side / 2
    away, angle = np.hypot(down, across), np.arctan2(down, across)
    edge = radius * (1 + sum(high / number**2 * np.cos(number * angle + turn) for number, turn, high in waves))
    dried = np.clip(0.35 + 8 * sum(high * np.cos(number * angle - turn) for number, turn, high in waves), 0.05, 0.75)
    rim = dried * np.exp(-(((away - edge) / (radius * chance.uniform(0.03, 0.07))) ** 2))
    return np.asarray(np.maximum(rim, fill * (away < edge)), np.float32)


def stamped(sheet: Sheet, chance: random.Random) -> Sheet:
    """The stamp of a pharmacy, put anywhere and not straight; what it covers shows through."""
    width, height = size_of(sheet.pixels)
    wide, high, edge = round(width * 0.36), round(width * 0.14), round(width * 0.025)
    stamp = np.zeros((wide, wide), np.uint8)
    top = (wide - high) // 2
    line = max(2, width // 500)
    cv2.rectangle(stamp, (edge, top), (wide - edge, top + high), 255, line)
    for number, text in enumerate(STAMP):
        size = wide / 540
        across = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, size, line)[0][0]
        at = ((wide - across) // 2, top + round(high * (0.32 + 0.27 * number)))
        cv2.putText(stamp, text, at, cv2.FONT_HERSHEY_SIMPLEX, size, 255, line, cv2.LINE_AA)
    turn, _size = turning(chance.uniform(-25, 25), (wide, wide))
    turned = warped(stamp, turn, (wide, wide), fill=0)
    worn_off = 0.55 + 0.45 * noise((wide, wide), chance, spread=wide / 40)
    mask = np.zeros((height, width), np.float32)
    left, down = (round((whole - wide) * chance.uniform(0.05, 0.95)) for whole in (width, height))
    mask[down : down + wide, left : left + wide] = turned / 255 * worn_off
    return painted(sheet, 0.85 * mask, chance.choice(INKS))


def folded(sheet: Sheet, chance: random.Random) -> Sheet:
    """Creases in halves or thirds: a dark line, and one side of it in the shade."""
    width, height = size_of(sheet.pixels)
    light = np.ones((height, width), np.float32)
    for down in chance.choice(((1 / 2,), (1 / 3, 2 / 3))):
        light *= crease(height, down + chance.uniform(-0.02, 0.02), chance)[:, None]
    if chance.random() < 0.5:
        light *= crease(width, 0.5 + chance.uniform(-0.02, 0.02), chance)[None, :]
    return lit(sheet, light)


def crease(length: int, place: float, chance: random.Random) -> NDArray[np.float32]:
    """How much light falls on each point of a line across one fold."""
    away = np.arange(length, dtype=np.float32) / length - place
    shade = chance.uniform(0.08, 0.2) * np.exp(-np.abs(away) / 0.05) * (away > 0)
    dark = chance.uniform(0.25, 0.5) * np.exp(-((away * 800) ** 2))
    return (1 - shade - dark).astype(np.float32)


def skewed(sheet: Sheet, chance: random.Random, most: float = 5.0, least: float = 1.5) -> Sheet:
    """The paper lay crooked: turned by some degrees, with white corners."""
    degrees = chance.choice((-1, 1)) * chance.uniform(least, most)
    return drawn(sheet, *turning(degrees, size_of(sheet.pixels)))


def scanned(sheet: Sheet, chance: random.Random) -> Sheet:
    """An office scanner: 200 dpi, a little crooked, soft, faded, JPEG."""
    sheet = at_width(skewed(sheet, chance, most=1.2, least=0.2), round(SCANNER_DPI * A4_INCHES))
    soft = cv2.GaussianBlur(sheet.pixels, (0, 0), chance.uniform(0.6, 0.9)).astype(np.float32)
    faded = 255 - (255 - soft) * chance.uniform(0.75, 0.95) - chance.uniform(2, 10)
    return compressed(grained(Sheet(faded.clip(0, 255).astype(np.uint8), sheet.matrix), chance, 4), 55)


def faxed(sheet: Sheet, chance: random.Random) -> Sheet:
    """A fax: one bit a dot, crooked, with specks of both kinds, and rows that were lost."""
    sheet = at_width(skewed(sheet, chance, most=0.8, least=0.1), FAX_WIDTH)
    grey = cv2.GaussianBlur(cv2.cvtColor(sheet.pixels, cv2.COLOR_RGB2GRAY), (0, 0), 0.7).astype(np.int16)
    random_numbers = generator(chance)
    threshold = round(chance.uniform(130, 175))
    rough = random_numbers.integers(-45, 46, grey.shape, dtype=np.int16)
    bits = np.where(grey + rough > threshold, 255, 0).astype(np.uint8)
    specks = random_numbers.random(grey.shape, dtype=np.float32)
    amount = chance.uniform(0.004, 0.012)
    bits[specks < amount] = 0
    bits[specks > 1 - amount] = 255
    for _ in range(chance.randint(0, 3)):
        bits[chance.randrange(len(bits))] = 255
    return Sheet(cv2.cvtColor(bits, cv2.COLOR_GRAY2RGB), sheet.matrix)  # type: ignore[arg-type]


def photographed(sheet: Sheet, chance: random.Random) -> Sheet:
    """A phone held by hand over the desk: perspective, a shadow, soft, grained, JPEG."""
    sheet = at_width(sheet, round(PHONE_DPI * A4_INCHES))
    width, height = size_of(sheet.pixels)
    margin = round(width * 0.08)
    size = (width + 2 * margin, height + 2 * margin)
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    shaken = np.array([[chance.uniform(-0.035, 0.035) * width for _ in "xy"] for _ in corners], np.float32)
    matrix = cv2.getPerspectiveTransform(corners, corners + margin + shaken).astype(np.float64)
    paper = warped(np.full((height, width), 255, np.uint8), matrix, size, fill=0)[..., None] / np.float32(255)
    page = warped(sheet.pixels, matrix, size).astype(np.float32)
    desk = np.array(chance.choice(((92, 70, 52), (60, 62, 66), (120, 104, 84))), np.float32)
    whole = Sheet(
        (page * paper + desk * wood(size, chance)[..., None] * (1 - paper)).clip(0, 255).astype(np.uint8),
        matrix @ sheet.matrix,
    )
    soft = lit(whole, shadow(size, chance) * slope(size, chance))
    blurred = cv2.GaussianBlur(soft.pixels, (0, 0), chance.uniform(0.5, 0.9))
    return compressed(grained(Sheet(blurred, soft.matrix), chance, 5), 75)  # type: ignore[arg-type]


WEAR: dict[str, Callable[[Sheet, random.Random], Sheet]] = {
    "stain": stained,
    "stamp": stamped,
    "fold": folded,
    "skew": skewed,
    "scan": scanned,
    "fax": faxed,
    "photo": photographed,
}
CONDITIONS = ("clean", *WEAR)


def at_width(sheet: Sheet, width: int) -> Sheet:
    given = size_of(sheet.pixels)
    size = (width, round(given[1] * width / given[0]))
    return Sheet(resized(sheet.pixels, size), scaling(size[0] / given[0], size[1] / given[1]) @ sheet.matrix)


def drawn(sheet: Sheet, matrix: Matrix, size: Size) -> Sheet:
    return Sheet(warped(sheet.pixels, matrix, size), matrix @ sheet.matrix)


def painted(sheet: Sheet, cover: NDArray[np.float32], ink: tuple[int, int, int]) -> Sheet:
    """Ink over the page: it takes light away, as much as `cover` (0 to 1) says."""
    left = 1 - cover[..., None] * (1 - np.array(ink, np.float32) / 255)
    return Sheet((sheet.pixels * left).astype(np.uint8), sheet.matrix)


def lit(sheet: Sheet, light: NDArray[np.float32]) -> Sheet:
    return Sheet((sheet.pixels * light[..., None]).clip(0, 255).astype(np.uint8), sheet.matrix)


def grained(sheet: Sheet, chance: random.Random, deviation: float) -> Sheet:
    """Noise of a sensor: normal, alike on the three colours."""
    grain = generator(chance).standard_normal(sheet.pixels.shape[:2], dtype=np.float32) * deviation
    return Sheet((sheet.pixels + grain[..., None]).clip(0, 255).astype(np.uint8), sheet.matrix)


def compressed(sheet: Sheet, quality: int) -> Sheet:
    """Through a JPEG and back."""
    done, data = cv2.imencode(".jpg", sheet.pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert done
    return Sheet(cv2.imdecode(data, cv2.IMREAD_COLOR), sheet.matrix)  # type: ignore[arg-type]


def noise(size: Size, chance: random.Random, spread: float) -> NDArray[np.float32]:
    """Clouds between 0 and 1 whose spots are about `spread` pixels wide."""
    coarse = tuple(max(2, math.ceil(length / spread)) for length in size)
    dots = generator(chance).random((coarse[1], coarse[0]), dtype=np.float32)
    return cv2.resize(dots, size, interpolation=cv2.INTER_CUBIC).clip(0, 1)


def slope(size: Size, chance: random.Random) -> NDArray[np.float32]:
    """Light that falls off from one side to the other."""
    angle, depth = chance.uniform(0, 2 * math.pi), chance.uniform(0.1, 0.3)
    across = np.linspace(-0.5, 0.5, size[0], dtype=np.float32)[None, :] * math.cos(angle)
    down = np.linspace(-0.5, 0.5, size[1], dtype=np.float32)[:, None] * math.sin(angle)
    return (1 - depth / 2 + depth * (across + down)).astype(np.float32)


def shadow(size: Size, chance: random.Random) -> NDArray[np.float32]:
    """That of the hand and the telephone: one soft edge across the picture, darker on one side of it."""
    angle, place = chance.uniform(0, 2 * math.pi), chance.uniform(-0.3, 0.3)
    depth, soft = chance.uniform(0.05, 0.3), chance.uniform(0.03, 0.12)
    across = np.linspace(-0.5, 0.5, size[0], dtype=np.float32)[None, :] * math.cos(angle)
    down = np.linspace(-0.5, 0.5, size[1], dtype=np.float32)[:, None] * math.sin(angle)
    return (1 - depth / (1 + np.exp(-(across + down - place) / soft))).astype(np.float32)


def wood(size: Size, chance: random.Random) -> NDArray[np.float32]:
    """The grain of a desk: long streaks, some broad and some fine."""
    numbers = generator(chance)
    layers = [numbers.random((size[1] // thick, 5), dtype=np.float32) for thick in (4, 24)]
    fine, broad = (cv2.resize(layer, size, interpolation=cv2.INTER_LINEAR) for layer in layers)
    return np.asarray(0.85 + 0.12 * fine + 0.2 * broad, np.float32)


def generator(chance: random.Random) -> np.random.Generator:
    return np.random.default_rng(chance.getrandbits(64))
