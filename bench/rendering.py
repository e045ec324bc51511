"""Opening a document of each format: start of the confined child, reading, layout; and its first page as a picture.

    python bench/rendering.py [--runs 9] [--json]

Beside each: the same reading in this process, its libraries loaded. What is over is the child's start, its
confinement and the pipe. The status is 1 when an aim is missed.
"""

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from figure import Figure, table

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "rendering"))
import cda_documents as cda
import document_files as files

from kiosk.rendering import reader
from kiosk.rendering.child import Rendering
from kiosk.rendering.halves import coloured, pixels_for
from kiosk.rendering.layout import lines

OPEN_AIM = 1.0
"""Seconds: a text, a letter, a summary is on the screen within one."""
_PAGE = "Compte rendu d'hospitalisation, une phrase après l'autre. " * 60


def documents() -> dict[str, bytes]:
    """By what a user would call them."""
    results = [
        cda.result(f"{n}-1", f"Examen {n}", "5.2", low="3.5", high="5.1", flag="H") for n in range(200)
    ]
    rows = [[f"11/08/{2000 + n % 25}", f"Ligne {n}", "mots " * 8] for n in range(3000)]
    return {
        "texte de 20 Ko": ("Une ligne de compte rendu.\n" * 800).encode(),
        "RTF de 20 Ko": rb"{\rtf1\ansi " + rb"Une ligne de compte rendu \'e9crite.\par " * 500 + b"}",
        "PDF de 10 pages": files.pdf(*[_PAGE] * 10),
        "JPEG A4 à 200 points": files.image("JPEG", (1654, 2339)),
        "TIFF de 10 pages A4": files.tiff(10, (1654, 2339)),
        "VSM": cda.summary(),
        "biologie de 200 résultats": cda.biology(*results),
        "CDA de 3000 lignes": cda.structured(cda.section("Table", cda.table(["a", "b", "c"], *rows))),
        "PDF de 10 pages dans un CDA": cda.carrying(files.pdf(*[_PAGE] * 10), "application/pdf"),
    }


def figures(runs: int) -> list[Figure]:
    found = []
    for name, document in documents().items():
        here = _timed(runs, lambda document=document: lines(reader.read(document), 80))
        alone = _timed(runs, lambda document=document: lines(Rendering(document).read(), 80))
        found.append(Figure(f"{name} : ouverture", "s", alone, "sans enfant", here, OPEN_AIM))
        if reader.read(document).pages:
            size = pixels_for(80, 40)
            drawn = _timed(
                runs, lambda document=document, size=size: coloured(Rendering(document).picture(0, *size))
            )
            found.append(Figure(f"{name} : image, 80 × 40 cases", "s", drawn, aim=OPEN_AIM))
    return found


def _timed(runs: int, act: Callable[[], object]) -> tuple[float, ...]:
    """Seconds of each run, after one that fills the caches."""
    act()
    samples = []
    for _ in range(runs):
        start = time.perf_counter()
        act()
        samples.append(time.perf_counter() - start)
    return tuple(samples)


def main() -> int:
    parser = argparse.ArgumentParser(description="Ouverture des documents, l'enfant confiné compris.")
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    machine = {
        "date": f"{datetime.now():%Y-%m-%d %H:%M}",
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
        "runs": options.runs,
    }
    found = figures(options.runs)
    if options.json:
        print(
            json.dumps(
                {**machine, "figures": [each.as_json() for each in found]}, ensure_ascii=False, indent=2
            )
        )
    else:
        print("  ".join(f"{name} {value}" for name, value in machine.items()))
        print(table(found))
    return int(any(each.held is False for each in found))


if __name__ == "__main__":
    sys.exit(main())
