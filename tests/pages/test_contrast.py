"""Everybody can read the pages: contrast after WCAG 2.2, for each set of colours."""

import re
from pathlib import Path

import pytest

TOKENS = (Path(__file__).resolve().parents[2] / "models/process/static/tokens.css").read_text(encoding="utf-8")
PAIRS = (
    ("ink", "ground"), ("ink", "surface"), ("ink", "raised"), ("ink-soft", "ground"), ("ink-soft", "surface"),
    ("ink-soft", "raised"), ("warn", "raised"), ("warn", "ground"),
    ("on-go-fill", "go-fill"), ("on-go", "go"), ("go", "surface"), ("go", "go-tint"), ("warn", "warn-tint"),
    ("bad", "bad-tint"), ("bad", "surface"), ("warn", "surface"),
)  # fmt: skip


def colours(theme: str) -> dict[str, str]:
    block = re.search(rf'\[data-theme="{theme}"\] \{{(.*?)\}}', TOKENS, flags=re.DOTALL)
    assert block is not None
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block[1]))


def luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(("theme", "least"), [("light", 4.5), ("dark", 4.5), ("contrast", 7.0)])
def test_text_stands_out_from_what_is_behind_it(theme: str, least: float) -> None:
    found = colours(theme)
    ratios = {(text, ground): round(contrast(found[text], found[ground]), 2) for text, ground in PAIRS}
    assert {pair: ratio for pair, ratio in ratios.items() if ratio < least} == {}
