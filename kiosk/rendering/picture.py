"""JPEG, PNG and TIFF through Pillow: how many pages, and any of them in a given size."""

import io
from typing import TYPE_CHECKING, Final

from kiosk.errors import DocumentFault, DocumentNotShown
from kiosk.rendering.page import Block, Field, Illustration, Kind, PagePicture, Rendered

if TYPE_CHECKING:
    from PIL import Image

MAX_PIXELS: Final = 50_000_000
MAX_FRAMES: Final = 500
_FORMATS: Final = ("JPEG", "PNG", "TIFF")


def warm_up() -> None:
    """Pillow loads its parts when first used: use them all before nothing can be opened."""
    from PIL import Image, ImageOps, TiffImagePlugin  # noqa: F401

    Image.preinit()
    image = Image.new("1", (2, 2))
    for name in _FORMATS:
        file = io.BytesIO()
        image.save(file, name)
        file.seek(0)
        ImageOps.exif_transpose(Image.open(file)).convert("RGB").resize(
            (1, 1), Image.Resampling.BOX
        ).tobytes()


def read(data: bytes) -> Rendered:
    """No text, but what the picture is and a place for each of its pages. Raises `DocumentNotShown`."""
    image = _opened(data)
    count, more = _frames(image)
    labels = tuple(f"Page {number + 1}" if count > 1 else "Image" for number in range(count))
    blocks: tuple[Block, ...] = tuple(
        Illustration(number, f"{label} sur {count}" if count > 1 else label)
        for number, label in enumerate(labels)
    )
    header = (
        Field("Format", f"{image.format}, {count} page{'s' if count > 1 else ''}"),
        Field("Taille", f"{image.width} × {image.height} points"),
    )
    warnings: tuple[str, ...] = ("ce document est une image : il n'a pas de texte à lire ni à rechercher.",)
    if more:
        warnings += (f"seules ses {count} premières pages peuvent être affichées.",)
    return Rendered(Kind.PICTURE, "", header, blocks, labels, warnings)


def page_count(data: bytes) -> int:
    return _frames(_opened(data))[0]


def picture(data: bytes, page: int, width: int, height: int) -> PagePicture:
    """The page upright, fitting in `width` × `height` pixels. Raises `DocumentNotShown`."""
    from PIL import Image, ImageOps

    image = _opened(data)
    count, _ = _frames(image)
    try:
        image.seek(min(page, count - 1))
        _check_size(image)
        image.draft("RGB", (width, height))
        upright = ImageOps.exif_transpose(image)
        scale = min(width / upright.width, height / upright.height)
        size = max(int(upright.width * scale), 1), max(int(upright.height * scale), 1)
        shown = _flat(upright).resize(size, Image.Resampling.BOX if scale < 1 else Image.Resampling.NEAREST)
        return PagePicture(*size, shown.tobytes(), page, count)
    except DocumentNotShown:
        raise
    except Exception:
        # Pillow's decoders raise whatever they meet: struct, zlib, index and value errors, OSError…
        raise DocumentNotShown(DocumentFault.DAMAGED) from None


def _flat(image: "Image.Image") -> "Image.Image":
    """On white paper: what is transparent would come out black."""
    from PIL import Image

    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        paper = Image.new("RGB", image.size, "white")
        layer = image.convert("RGBA")
        paper.paste(layer, mask=layer.getchannel("A"))
        return paper
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        low, high = image.convert("F").getextrema()
        scale = 255 / max(float(high) - float(low), 1.0)  # type: ignore[arg-type]
        return image.convert("F").point(lambda value: (value - float(low)) * scale).convert("RGB")  # type: ignore[arg-type]
    return image.convert("RGB")


def _opened(data: bytes) -> "Image.Image":
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None  # counted here, so that it is an error and never a warning
    try:
        image = Image.open(io.BytesIO(data), formats=_FORMATS)
    except Exception:
        raise DocumentNotShown(DocumentFault.DAMAGED) from None
    _check_size(image)
    return image


def _check_size(image: "Image.Image") -> None:
    if image.width * image.height > MAX_PIXELS:
        raise DocumentNotShown(DocumentFault.TOO_HEAVY)
    if not image.width or not image.height:
        raise DocumentNotShown(DocumentFault.DAMAGED)


def _frames(image: "Image.Image") -> tuple[int, bool]:
    """How many, at most `MAX_FRAMES`, and whether there are more. A broken chain ends the document."""
    count = 1
    while count <= MAX_FRAMES:
        try:
            image.seek(count)
        except Exception:
            break
        count += 1
    image.seek(0)
    return min(count, MAX_FRAMES), count > MAX_FRAMES
