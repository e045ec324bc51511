"""One number of the benchmark, beside the same machine's own pace measured in the same run."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any


@dataclass(frozen=True)
class Figure:
    """Samples of one quantity. The median is what counts; its spread tells how quiet the machine was."""

    name: str
    unit: str
    samples: tuple[float, ...]
    reference: str = ""
    """What the ratio is against, in words; empty when nothing comparable exists."""
    reference_samples: tuple[float, ...] = ()
    aim: float | None = None
    """At most this; None when the figure is only told."""

    @property
    def value(self) -> float:
        return median(self.samples)

    @property
    def ratio(self) -> float | None:
        """How many times its reference; both medians."""
        return self.value / median(self.reference_samples) if self.reference_samples else None

    @property
    def held(self) -> bool | None:
        """Whether the aim is held; None without one."""
        return None if self.aim is None else self.value <= self.aim

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"median": self.value, "ratio": self.ratio, "held": self.held}


_COLUMNS = "{:<48} {:>8}  {:>16}  {:>7}  {:<9}  {}"


def table(figures: Sequence[Figure]) -> str:
    """All of them for people to read, in French."""
    lines = [_COLUMNS.format("figure", "médiane", "min–max", "visée", "verdict", "rapport")]
    lines += [
        _COLUMNS.format(
            f"{figure.name} ({figure.unit})",
            _number(figure.value),
            f"{_number(min(figure.samples))}–{_number(max(figure.samples))}",
            "" if figure.aim is None else f"≤ {_number(figure.aim)}",
            {True: "tenu", False: "non tenu", None: ""}[figure.held],
            "" if figure.ratio is None else f"{_number(figure.ratio)} × {figure.reference}",
        )
        for figure in figures
    ]
    return "\n".join(line.rstrip() for line in lines)


def _number(value: float) -> str:
    """Three significant digits; thousands apart."""
    if value >= 1000:
        return f"{value:,.0f}".replace(",", "\u202f")
    return f"{value:.0f}" if value >= 100 or value == int(value) else f"{value:.3g}".replace(".", ",")
