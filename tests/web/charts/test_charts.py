"""Typed data in, SVG out: as many marks as there are things, hostile words as text, nothing and one drawn too."""

from __future__ import annotations

import itertools
import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from audiospective.web.charts.bands import bands
from audiospective.web.charts.bars import bar, columns, spark, stack
from audiospective.web.charts.daily import daily
from audiospective.web.charts.dots import dots
from audiospective.web.charts.heatmap import heatmap
from audiospective.web.charts.rings import Ring, rings
from audiospective.web.charts.sleeve import sleeve
from audiospective.web.charts.spine import spine
from audiospective.web.charts.stream import stream
from audiospective.web.charts.svg import below, number, scale, short, ticks, width_of

HOSTILE = '"><script>alert(1)</script>&'
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
counts = st.lists(st.integers(0, 5_000), max_size=60)


def parsed(markup: Markup) -> ElementTree.Element:
    """Well-formed, without inline style or script."""
    assert not re.search(r"<script|style=|on\w+=", markup)
    return ElementTree.fromstring(f"<div>{markup}</div>")


def paths(markup: Markup, kind: str) -> str:
    return "".join(one.get("d", "") for one in parsed(markup).iter("path") if one.get("class") == kind)


@given(counts)
def test_a_bar_a_day_for_every_day_with_plays(plays: list[int]) -> None:
    drawn = daily(plays, [], frozenset(), [], "Plays per day")
    bars = paths(drawn, "chart-day") + paths(drawn, "chart-today")
    assert bars.count("M") == sum(1 for one in plays if one)


@given(st.integers(1, 40), st.integers(0, 40), st.integers(0, 40))
def test_days_before_the_archive_are_hatched_and_no_mean_runs_through_them(days: int, unknown: int, earlier: int) -> None:
    unknown, earlier = min(unknown, days), min(earlier, days)
    drawn = daily([3] * days, [2] * earlier, frozenset(), [], "Plays per day", unknown=unknown)
    hatched = [one for one in parsed(drawn).iter("svg") if one.get("class") == "chart-unknown"]
    assert [one.get("width") for one in hatched] == ([f"{number(unknown / days * 100)}%"] if unknown else [])
    for kind, known in (("chart-mean", days - unknown), ("chart-before", earlier)):
        starts = [float(x) for x in re.findall(r"^M([\d.]+) ", paths(drawn, kind))]
        assert starts == ([days - known + 0.5] if known else [])


def test_words_that_would_touch_on_a_phone_are_left_out_there() -> None:
    years = [(place * 8 + 2.0, str(2014 + place)) for place in range(12)]
    names = [one.get("class") for one in ElementTree.fromstring(f"<g>{below(years, 10)}</g>")]
    assert names == ["chart-text", "chart-text chart-odd"] * 6
    assert "chart-odd" not in below(years[::3], 10)


def test_a_scale_gives_way_to_the_words_of_a_peak_beside_it() -> None:
    assert 'x="0%"' in scale(40, "150 plays", (20, 90))
    assert 'x="100%"' in scale(40, "150 plays", (20, 36))
    assert 'x="100%"' in scale(40, "150 plays", (4, 10))  # the first column, through whose middle they would go


def test_a_scale_goes_right_where_columns_are_in_its_way_on_the_left_alone() -> None:
    assert 'chart-scale" x="100%"' in columns([1, 105, 1, 110, 1, 1], [], "Values", lit=3, said="110", unit="plays")
    assert 'chart-scale" x="0%"' in columns([1, 105, 1, 110, 1, 105], [], "Values", lit=3, said="110", unit="plays")
    assert 'chart-scale" x="0%"' in columns([1, 95, 1, 110, 1, 1], [], "Values", lit=3, said="110", unit="plays")


@given(counts.filter(any))
def test_the_number_over_a_line_of_columns_stays_inside(values: list[int]) -> None:
    drawn = parsed(columns(values, [], "Values", unit="plays"))
    assert all(float(one.get("y", "0")) >= 9 for one in drawn.iter("text"))


@given(counts.filter(any))
def test_the_number_over_a_line_of_chapters_stays_inside(values: list[int]) -> None:
    drawn = parsed(bands(values, ["k1"] * len(values), [], "Chapters", unit="plays"))
    heights = [float(one.get("y", "0")) for one in drawn.iter("text")]
    assert all(y >= 9 for y in heights)


@given(counts)
def test_a_column_for_every_value(values: list[int]) -> None:
    drawn = parsed(columns([None, *values], [], "Values", lit=1 if values else None, said="here"))
    kinds = [one.get("class") for one in drawn.iter("rect")]
    assert len(kinds) == sum(1 for one in values if one)
    assert kinds.count("chart-column-lit") == (1 if values and values[0] else 0)


@given(st.lists(st.lists(st.integers(0, 900), min_size=24, max_size=24), min_size=7, max_size=7))
def test_every_hour_of_the_week_is_a_cell_and_the_fullest_is_framed(grid: list[list[int]]) -> None:
    drawn = parsed(heatmap(grid, DAYS, "Hours"))
    assert sum(one.get("d", "").count("M") for one in drawn.iter("path")) == 168
    assert len([one for one in drawn.iter("rect") if one.get("class") == "chart-pick"]) == (1 if any(map(any, grid)) else 0)


def test_hours_without_plays_are_the_palest_and_no_other() -> None:
    grid = [[0] * 24 for _ in range(7)]
    grid[2][5] = 3
    assert paths(heatmap(grid, DAYS, "Hours"), "q0").count("M") == 167


@pytest.mark.parametrize("weeks", [1, 2, 30, 52])
@pytest.mark.parametrize("years", [0, 1, 12])
def test_a_ring_a_year(years: int, weeks: int) -> None:
    drawn = rings([Ring((5,) * weeks, "y1")] * years, "Rings", months=("Jan",) * 12, needle=0.5)
    assert len(list(parsed(drawn).iter("path"))) == years


@given(st.lists(st.tuples(st.integers(2006, 2030), st.integers(0, 9_000)), max_size=60))
def test_the_spine_links_every_year_once(months: list[tuple[int, int]]) -> None:
    ordered = sorted(months)
    drawn = parsed(spine(ordered, (10.0, 5.0), None, "Your archive"))
    assert [link.get("href") for link in drawn.iter("a")] == [f"/dashboard?range={year}" for year in sorted({year for year, _ in ordered})]


@given(st.integers(0, 2**31))
def test_a_sleeve_is_the_same_for_the_same_thing(seed: int) -> None:
    assert sleeve(seed) == sleeve(seed)
    parsed(sleeve(seed))


def test_a_month_without_plays_leaves_a_gap_in_the_spine() -> None:
    drawn = spine([(2024, 5), (2024, 0), (2025, 0)], None, None, "Your archive")
    assert [paths(drawn, kind).count("M") for kind in ("k1", "k2")] == [1, 0]


@pytest.mark.parametrize("first", range(1, 13))
@pytest.mark.parametrize("last", [(2022, 1), (2026, 1), (2026, 11), (2031, 2)])
def test_no_year_of_the_spine_is_named_over_another_or_past_its_end(first: int, last: tuple[int, int]) -> None:
    months = [(year, 5) for year in range(2021, last[0] + 1) for month in range(1, 13) if (2021, first) <= (year, month) <= last]
    names = list(parsed(spine(months, None, None, "Your archive")).iter("text"))
    assert names
    for shown, strip, margin in ((names, 693, 22), ([one for one in names if one.get("class") == "spine-year"], 328, 16)):
        places = [float((one.get("x") or "").rstrip("%")) / 100 * strip + 3 for one in shown]
        assert all(after - before >= 27 for before, after in itertools.pairwise(places)), strip
        assert all(place + 26 <= strip + margin for place in places), strip


@given(st.lists(st.integers(0, 90), min_size=2, max_size=40), st.text("Wäي雲", max_size=90))
def test_a_stream_is_named_within_the_narrowest_chart(values: list[int], name: str) -> None:
    drawn = parsed(stream([("k1", name, values), ("k2", "other", [1] * len(values))], [], "Taste"))
    assert_within(list(drawn.iter("text")))


@given(st.lists(st.integers(1, 90), min_size=1, max_size=40), st.data())
def test_what_is_said_of_a_peak_is_said_within_the_narrowest_chart(values: list[int], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(values) - 1))
    for drawn in (
        columns(values, [], "Months", lit=place, said="1.240 im September 2025", unit=None),
        daily(values, [], frozenset(), [], "Days", peak=(place, "1.240 im September 2025")),
    ):
        assert_within([one for one in parsed(drawn).iter("text") if "chart-strong" in one.get("class", "")])


def assert_within(texts: list[ElementTree.Element]) -> None:
    for one in texts:
        x, wide = float((one.get("x") or "").rstrip("%")), width_of(one.text or "")
        left = x - {"start": 0.0, "middle": wide / 2, "end": wide}[one.get("text-anchor", "start")]
        assert left >= 0, one.text
        assert left + wide <= 100, one.text


def test_words_of_others_are_text() -> None:
    drawn = [
        daily([1], [1], frozenset(), [(0, HOSTILE)], HOSTILE, peak=(0, HOSTILE)),
        columns([1], [(0, HOSTILE)], HOSTILE, lit=0, said=HOSTILE),
        heatmap([[1] * 24] * 7, [HOSTILE] * 7, HOSTILE),
        rings([Ring((1,), HOSTILE)], HOSTILE, months=(HOSTILE,) * 12),
        dots([(3, "k1")], 2, HOSTILE, HOSTILE),
        stack([(1, "p-new")], HOSTILE),
        spine([(2024, 1)], None, 2024, HOSTILE),
    ]
    for one in drawn:
        parsed(one)


def test_small_pictures_stand_for_nothing_and_for_one() -> None:
    for one in (spark([]), spark([0]), spark([1, 2]), bar(0), bar(100), stack([], "nothing")):
        parsed(one)


@given(st.floats(0, 1e7))
def test_ticks_are_few_round_and_within(top: float) -> None:
    found = ticks(top)
    assert len(found) <= 4
    assert all(0 < one <= max(top, 1) for one in found)


@given(st.floats(-1e5, 1e5))
def test_numbers_in_paths_mean_what_they_meant(value: float) -> None:
    assert float(short(value)) == pytest.approx(value, abs=0.051)
    assert float(number(value)) == pytest.approx(value, abs=0.0051)
