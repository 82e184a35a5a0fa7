"""Budgets: no function, file, template or style sheet grows beyond what one reads at a glance. There is no list of exceptions."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from statistics import median, quantiles

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "audiospective"
MODULES = sorted(path for folder in ("src", "tests", "scripts", "bench") for path in (ROOT / folder).rglob("*.py"))
PROGRAM = sorted(SOURCE.rglob("*.py"))
BLOCKS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.Match)

Function = ast.FunctionDef | ast.AsyncFunctionDef


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


@cache
def functions(path: Path) -> list[Function]:
    return [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, Function)]


def length(function: Function) -> int:
    """Lines without decorators and docstring."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    head = function.body[0].lineno - function.lineno
    return head + ((function.end_lineno or 0) - body[0].lineno + 1 if body else 0)


def parameters(function: Function) -> int:
    """Parameters that a caller gives by position; `self` isn't given."""
    taken = [a.arg for a in (*function.args.posonlyargs, *function.args.args)]
    return len([a for a in taken if a not in {"self", "cls"}])


def depth(node: ast.AST) -> int:
    """Blocks within blocks; an `elif` is no deeper than its `if`."""
    inner = max((depth(child) for child in ast.iter_child_nodes(node)), default=0)
    chained = isinstance(node, ast.If) and len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If)
    if chained and isinstance(node, ast.If):
        body = max(depth(child) for child in node.body)
        return max(body + 1, depth(node.orelse[0]))
    return inner + isinstance(node, BLOCKS)


def offending(files: Iterable[Path], is_over: Callable[[Function], bool]) -> list[str]:
    return [f"{name(path)} {function.name}" for path in files for function in functions(path) if is_over(function)]


def test_a_file_has_400_lines_at_most() -> None:
    assert [name(path) for path in MODULES if lines(path) > 400] == []


def test_a_function_has_50_lines_at_most() -> None:
    assert offending(PROGRAM, lambda f: length(f) > 50) == []


def test_a_function_takes_five_parameters_at_most_besides_those_given_by_name() -> None:
    assert offending(PROGRAM, lambda f: parameters(f) > 5) == []


def test_a_function_is_four_blocks_deep_at_most() -> None:
    assert offending(PROGRAM, lambda f: depth(f) > 4) == []


def test_half_of_all_functions_have_eight_lines_and_nine_in_ten_have_25() -> None:
    lengths = [length(f) for path in PROGRAM for f in functions(path)]
    assert median(lengths) <= 8
    assert quantiles(lengths, n=10)[-1] <= 25


def test_a_template_has_120_lines_at_most() -> None:
    assert [name(path) for path in (SOURCE / "web" / "templates").rglob("*.html") if lines(path) > 120] == []


def test_a_components_style_sheet_has_150_lines_at_most() -> None:
    assert [name(path) for path in (SOURCE / "web" / "static").rglob("components/*.css") if lines(path) > 150] == []
