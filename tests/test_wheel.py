"""The wheel, built from what git holds and installed where nothing else of the checkout is: whole, and the same bytes each time."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from audiospective.errors import Conflict, Invalid, Refused
from audiospective.infra.clock import SystemClock
from audiospective.operations import building, deploy, suite
from audiospective.operations.building import Built
from scripts.install import fetch_uv, find_uv
from tests.operations.wheels import builders_environ

pytestmark = pytest.mark.programs

ROOT = Path(__file__).parents[1]

#: Asked of the installed program: everything that isn't Python is there too.
_LOOKS = """
from importlib.resources import files
import audiospective
from audiospective.operations.boxes import boxes
from audiospective.infra.statements import statements
from audiospective.web.assets import Assets
from audiospective.web.rendering import make_environment
package = files("audiospective")
assert str(package).startswith({prefix!r}), package
assert len(boxes()) == 219
assert len([one for one in package.joinpath("migrations").iterdir() if one.name.endswith(".sql")]) >= 20
assert len([one for one in package.joinpath("operations/messages").iterdir()]) == 27
assert Assets().find(Assets().url("app.css").removeprefix("/static/"))
assert package.joinpath("web/templates/base.html").is_file()
assert package.joinpath("py.typed").is_file()
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return building.build(ROOT, "HEAD", tmp_path_factory.mktemp("dist"), builders_environ(), SystemClock())


@pytest.fixture(scope="module")
def python(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of a fresh environment with the wheel, and with what it needs as it is installed here."""
    venv = tmp_path_factory.mktemp("installed")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    site = next((venv / "lib").glob("python*")) / "site-packages"
    (site / "needed.pth").write_text(sysconfig.get_path("purelib"))  # a folder named so brings no editable install along
    program: list[str | Path] = [_uv(), "pip", "install", "--quiet", "--no-deps", "--python", venv / "bin" / "python", built.wheel]
    subprocess.run(program, check=True, env=builders_environ())
    return venv / "bin" / "python"


def _uv() -> Path:
    return find_uv() or fetch_uv()


def test_the_same_commit_gives_the_same_bytes(built: Built, tmp_path: Path) -> None:
    assert building.build(ROOT, built.commit, tmp_path, builders_environ(), SystemClock()).sha256 == built.sha256


def test_the_builder_trusts_whom_the_machine_trusts_as_at_the_installation(tmp_path: Path) -> None:
    """Behind a proxy with a certificate of its own, `make up` went well and `make build` didn't."""
    git, builder = ("git", "-c", "user.name=m", "-c", "user.email=m@example.org"), tmp_path / ".tools" / "uv" / "bin" / "uv"
    (tmp_path / "pyproject.toml").write_text("")
    for words in (("init", "-q"), ("add", "pyproject.toml"), ("commit", "-q", "-m", "first")):
        subprocess.run([*git, *words], cwd=tmp_path, check=True)
    builder.parent.mkdir(parents=True)
    builder.write_text('#!/bin/sh\necho "the machine\'s own: $UV_SYSTEM_CERTS" >&2\nexit 1\n')
    builder.chmod(0o755)
    has_some = any(Path("/etc/ssl/certs").glob("*"))
    with pytest.raises(Conflict, match="the machine's own: 1$" if has_some else "the machine's own: $"):
        building.build(tmp_path, "HEAD", tmp_path / "dist", {"PATH": os.environ["PATH"]}, SystemClock())


def test_installed_it_is_whole(python: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [python, "-c", _LOOKS.format(prefix=str(python.parents[1]))], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_installed_it_runs_and_says_its_version(python: Path, built: Built, tmp_path: Path) -> None:
    program = python.parent / "audiospective"
    assert "audiospective COMMAND --help" in _said(tmp_path, program, "--help")
    assert _said(tmp_path, program, "--version").strip() == built.version
    assert "last-good" in _said(tmp_path, program, "ops", "rollback", "--help")


def _said(folder: Path, *words: str | Path) -> str:
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=60, check=True).stdout


def test_everything_that_it_needs_is_what_is_installed_here(built: Built, python: Path) -> None:
    (described,) = next((python.parents[1] / "lib").glob("python*")).glob("site-packages/audiospective-*.dist-info/METADATA")
    needs = [line.partition(": ")[2] for line in described.read_text("utf-8").splitlines() if line.startswith("Requires-Dist:")]
    assert len(needs) > 20
    assert deploy.unmet(needs, built.wheel.parent) == []


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout of a version 1.0.0, with a remote."""
    origin, folder = tmp_path / "origin.git", tmp_path / "checkout"
    subprocess.run(["git", "init", "--quiet", "--bare", origin], check=True)
    subprocess.run(["git", "init", "--quiet", "-b", "main", folder], check=True)
    _git(folder, "config", "user.name", "mara")
    _git(folder, "config", "user.email", "mara@example.org")
    _git(folder, "remote", "add", "origin", str(origin))
    (folder / "pyproject.toml").write_text('[project]\nname = "x"\nversion = "1.0.0"\n')
    _commit(folder)
    _git(folder, "push", "--quiet", "origin", "main")
    return folder


def _git(folder: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


def _commit(folder: Path) -> str:
    _git(folder, "add", "-A")
    _git(folder, "commit", "--quiet", "--allow-empty", "-m", "x")
    return _git(folder, "rev-parse", "HEAD")


def test_a_tag_is_annotated_pushed_and_made_once(checkout: Path) -> None:
    made = building.tag(checkout, "1.0.0", "HEAD", "the first")
    assert (made.name, made.is_new, made.at_origin) == ("v1.0.0", True, True)
    assert _git(checkout, "cat-file", "-t", "v1.0.0") == "tag"
    again = building.tag(checkout, "v1.0.0", "HEAD", "the first")
    assert (again.is_new, again.at_origin) == (False, True)
    assert [one.name for one in building.tags(checkout)] == ["v1.0.0"]


def test_a_tag_that_was_made_and_not_pushed_is_pushed_by_the_next_run(checkout: Path) -> None:
    _git(checkout, "tag", "-a", "v1.0.0", "-m", "killed before the push")
    assert building.tag(checkout, "v1.0.0", "HEAD", "the first").at_origin
    assert building.at_origin(checkout, "v1.0.0") == _git(checkout, "rev-parse", "HEAD")


def test_a_tag_does_not_move_and_says_what_the_commit_says(checkout: Path) -> None:
    building.tag(checkout, "v1.0.0", "HEAD", "the first")
    _commit(checkout)
    with pytest.raises(Refused, match="stands on"):
        building.tag(checkout, "v1.0.0", "HEAD", "again")
    with pytest.raises(Refused, match=r"says that it is 1\.0\.0"):
        building.tag(checkout, "v2.0.0", "HEAD", "too early")
    for wrong in ("one", "--force", "v1"):
        with pytest.raises(Invalid, match="isn't a version"):
            building.tag(checkout, wrong, "HEAD", "no")


def test_without_a_remote_a_tag_is_made_all_the_same(checkout: Path) -> None:
    _git(checkout, "remote", "remove", "origin")
    assert building.tag(checkout, "v1.0.0", "HEAD", "the first").at_origin is None


def test_a_report_is_counted_and_one_failure_is_never_a_hundred(tmp_path: Path) -> None:
    report = tmp_path / "junit.xml"
    report.write_text('<testsuites><testsuite tests="4000" failures="1" errors="0" skipped="1"></testsuite></testsuites>')
    found = suite.read(report)
    assert (found.total, found.passed, found.percent) == (4000, 3998, 99.9)
