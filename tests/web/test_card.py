"""A picture for every report."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from audiospective.web.card import card
from tests.web.sample import a_share

_EMPTY: dict[str, object] = {"heatmap": [[0] * 24] * 7, "first_day": None, "last_day": None}


@pytest.mark.parametrize("told", [{}, {"numbers": None}, {"heatmap": []}, _EMPTY])
def test_there_is_a_picture_whatever_a_report_shows(told: dict[str, object]) -> None:
    image = Image.open(io.BytesIO(card(a_share(**told).report)))
    assert (image.format, image.size) == ("PNG", (1200, 630))


def test_title_and_name_are_not_in_the_picture() -> None:
    assert card(a_share(title="One", name="Mara").report) == card(a_share(title="Two", name=None).report)
