"""The look: warm paper, ink, one blue for uncertainty, rust for war and for dated milestones."""

from __future__ import annotations

INK = "#14222F"
MUTED = "#5B6670"
PAPER = "#FBFAF6"
LINE = "#E4DFD3"
RUST = "#A23A26"
DOT = "#3F5F7A"

SANS = 'Inter, "Source Sans 3", system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif'
SERIF = "Libertinus Serif"
"""The paper's face: typst carries it, so that the same brief is set alike on every machine."""

FAN = ((0.98, "#E3EAEF"), (0.90, "#CBDAE5"), (0.80, "#AAC3D5"), (0.50, "#83A7C1"))
"""Central share of worlds and its fill, widest first. Opaque, so that print and grey agree."""

_CALM_TO_TENSE = ((0xE6, 0xEA, 0xE8), (0x86, 0xA9, 0xC0), (0x1D, 0x40, 0x5E))


def rung_colours(rungs: int) -> list[str]:
    """One colour a rung: blue that darkens upward, then rust for the top rung, war."""
    below = rungs - 1
    return [_blend(i / max(1, below - 1)) for i in range(below)] + [RUST]


def _blend(t: float) -> str:
    low, middle, high = _CALM_TO_TENSE
    start, end, u = (low, middle, 2 * t) if t < 0.5 else (middle, high, 2 * t - 1)
    return "#" + "".join(f"{round(a + (b - a) * u):02X}" for a, b in zip(start, end, strict=True))
