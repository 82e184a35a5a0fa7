"""Templates that were compiled before: taken for the same text only, missed by nobody where nothing may be written."""

from __future__ import annotations

from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader

from audiospective.web.rendering import Compiled


@pytest.fixture
def template(tmp_path: Path) -> Path:
    file = tmp_path / "page.html"
    file.write_text("{{ name }} heard it", encoding="utf-8")
    return file


def fresh(template: Path, kept: Compiled) -> Environment:
    """As another process begins."""
    return Environment(loader=FileSystemLoader(template.parent), autoescape=True, bytecode_cache=kept)


def has_it(template: Path, kept: Compiled) -> bool:
    bucket = kept.get_bucket(fresh(template, kept), template.name, str(template), template.read_text(encoding="utf-8"))
    return bucket.code is not None


def test_the_next_process_compiles_no_template_again(template: Path, tmp_path: Path) -> None:
    assert not has_it(template, Compiled(tmp_path))
    assert fresh(template, Compiled(tmp_path)).get_template("page.html").render(name="Ada") == "Ada heard it"
    assert has_it(template, Compiled(tmp_path))
    assert fresh(template, Compiled(tmp_path)).get_template("page.html").render(name="Bo") == "Bo heard it"


def test_a_template_that_has_changed_is_compiled_anew(template: Path, tmp_path: Path) -> None:
    fresh(template, Compiled(tmp_path)).get_template("page.html")
    template.write_text("{{ name }} skipped it", encoding="utf-8")
    assert not has_it(template, Compiled(tmp_path))
    assert fresh(template, Compiled(tmp_path)).get_template("page.html").render(name="Ada") == "Ada skipped it"


def test_where_nothing_may_be_written_it_is_compiled_all_the_same(template: Path, tmp_path: Path) -> None:
    kept = Compiled(tmp_path / "nowhere")
    assert fresh(template, kept).get_template("page.html").render(name="Ada") == "Ada heard it"
    assert not has_it(template, kept)
