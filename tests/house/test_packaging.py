"""What it ships as, held against the program: image, compose file, units, proxies and workflows say nothing that isn't so."""

from __future__ import annotations

import configparser
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from audiospective.cli.main import COMMANDS, main
from audiospective.settings import NAMES
from scripts.install import UV_VERSION

ROOT = Path(__file__).parents[2]
PACKAGING = ROOT / "packaging"
ENTRY = PACKAGING / "entrypoint.sh"
UNITS = sorted((PACKAGING / "systemd").iterdir())
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
_COMMAND_NAMES = {name for name, _, _ in COMMANDS}


def stages() -> list[list[str]]:
    """The image's stages, each as its instructions."""
    text = re.sub(r"\\\n\s*", " ", (ROOT / "Dockerfile").read_text("utf-8"))
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    found: list[list[str]] = []
    for line in lines:
        if line.startswith("FROM "):
            found.append([])
        found[-1].append(line)
    return found


def unit(path: Path) -> configparser.ConfigParser:
    parsed = configparser.ConfigParser(strict=False, interpolation=None)
    parsed.optionxform = str  # type: ignore[assignment,method-assign]  # names keep their capitals
    parsed.read(path, encoding="utf-8")
    return parsed


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
    return found


def test_the_image_is_built_in_stages_and_runs_as_nobody_special() -> None:
    built, run = stages()
    users = [line.split()[1] for line in run if line.startswith("USER ")]
    assert users == ["10001"]
    assert not any(line.startswith("USER ") for line in built)
    assert built[0].split()[1] == run[0].split()[1] == "python:3.13-slim"


def test_the_image_takes_the_uv_of_the_installer_and_the_locked_packages() -> None:
    built = "\n".join(stages()[0])
    assert f"astral-sh/uv:{UV_VERSION} " in built
    assert "uv export --frozen --no-dev" in built
    assert "--require-hashes" in built


def test_what_the_image_copies_is_there_and_reaches_the_builder() -> None:
    lines = [line for stage in stages() for line in stage if line.startswith("COPY") and "--from" not in line]
    names = [word for line in lines for word in line.split()[1:-1] if not word.startswith("--")]
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    assert names
    assert [name for name in names if not (ROOT / name).exists() or name not in kept] == []


def test_compose_asks_for_commands_volumes_and_files_that_there_are() -> None:
    told = compose()
    ours = {name: service for name, service in told["services"].items() if service.get("build")}
    assert {service["command"] for service in ours.values()} <= {"up", "web", *_COMMAND_NAMES}
    mounts = [mount.split(":")[0] for service in told["services"].values() for mount in service.get("volumes", ())]
    assert {mount for mount in mounts if not mount.startswith(".")} == set(told["volumes"])
    assert [mount for mount in mounts if mount.startswith(".") and not (ROOT / mount).exists()] == []
    assert {name for service in ours.values() for name in service["environment"]} <= set(NAMES)


def test_every_setting_reaches_the_containers_and_data_stay_in_their_volume() -> None:
    for service in compose()["services"].values():
        if service.get("build"):
            assert service["env_file"] == [{"path": ".env", "required": False}]
            assert f":{service['environment']['AUDIOSPECTIVE_HOME']}" in " ".join(service["volumes"])


def test_compose_gives_no_service_more_than_it_needs() -> None:
    ours = [service for service in compose()["services"].values() if service.get("build")]
    assert all(service["cap_drop"] == ["ALL"] and service["init"] for service in ours)
    ports = [port for service in ours for port in service.get("ports", ())]
    assert all(port.startswith("127.0.0.1:") for port in ports)


@pytest.fixture
def entry(tmp_path: Path) -> dict[str, str]:
    """An environment in which the program is a stand-in that says how it was called."""
    program = tmp_path / "bin" / "audiospective"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\necho "$@"\necho "secret=${APP_SECRET:-} file=${APP_SECRET_FILE:-none}"\n')
    program.chmod(0o755)
    home = tmp_path / "home"
    home.mkdir()
    return {"PATH": f"{program.parent}:{Path(sys.executable).parent}:{os.environ['PATH']}", "AUDIOSPECTIVE_HOME": str(home)}


def enter(environ: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["sh", str(ENTRY), *words], env=environ, capture_output=True, text=True, timeout=20, check=False)


@pytest.mark.parametrize(
    ("words", "called"),
    [
        ((), "up --host 0.0.0.0 --port 8000"),
        (("up",), "up --host 0.0.0.0 --port 8000"),
        (("web",), "serve --host 0.0.0.0 --port 8000"),
        (("worker",), "worker"),
        (("ops", "releases", "--json"), "ops releases --json"),
    ],
)
def test_the_entry_script_calls_the_program(entry: dict[str, str], words: tuple[str, ...], called: str) -> None:
    assert enter(entry, *words).stdout.splitlines()[0] == called


def test_a_secret_may_come_as_a_file(entry: dict[str, str], tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("it's $HOME; `not` run\n")
    assert "secret=it's $HOME; `not` run file=none" in enter({**entry, "APP_SECRET_FILE": str(secret)}).stdout


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"APP_SECRET_FILE": "/nowhere/secret"}, "APP_SECRET_FILE names /nowhere/secret, which can't be read"),
        ({"AUDIOSPECTIVE_HOME": "/nowhere"}, "The data folder /nowhere can't be written"),
    ],
)
def test_what_can_not_work_is_said_before_anything_starts(entry: dict[str, str], changes: dict[str, str], says: str) -> None:
    done = enter({**entry, **changes})
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr


@pytest.fixture
def health() -> Iterator[HTTPServer]:
    """A server that is well for its own host alone."""

    class Health(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.headers["Host"] == "music.example.org" else 400)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Health)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(("address", "exit_code"), [("https://music.example.org", 0), ("https://elsewhere.example.org", 1)])
def test_the_image_asks_for_its_health_as_its_own_host(entry: dict[str, str], health: HTTPServer, address: str, exit_code: int) -> None:
    environ = {**entry, "PORT": str(health.server_port), "APP_URL": address}
    assert enter(environ, "healthy").returncode == exit_code


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_runs_a_command_that_there_is(path: Path) -> None:
    found = unit(path)
    if path.suffix == ".socket":
        assert found["Socket"]["ListenStream"] == "127.0.0.1:8000"
        return
    service = found["Service"]
    program, command = service["ExecStart"].split()
    assert (Path(program).name, command in _COMMAND_NAMES) == ("audiospective", True)
    assert service["User"] == "audiospective"
    assert int(service["TimeoutStopSec"]) > 15  # the program's own patience with its children
    assert {service[name] for name in ("NoNewPrivileges", "ProtectHome", "PrivateTmp")} == {"true"}
    assert found["Install"]["WantedBy"] == "multi-user.target"


def test_the_service_is_handed_its_socket() -> None:
    assert unit(PACKAGING / "systemd" / "audiospective.service")["Unit"]["Requires"] == "audiospective.socket"


def test_both_proxies_lead_to_the_socket_and_pass_the_host_on() -> None:
    nginx = (PACKAGING / "nginx" / "audiospective.conf").read_text("utf-8")
    caddy = (PACKAGING / "caddy" / "Caddyfile").read_text("utf-8")
    assert "server 127.0.0.1:8000;" in nginx
    assert "proxy_set_header Host $host;" in nginx
    assert "127.0.0.1:8000" in caddy
    for text in (nginx, caddy):
        assert text.count("{") == text.count("}")


def steps() -> list[tuple[str, str]]:
    """Every line that a workflow runs."""
    found = []
    for path in WORKFLOWS:
        for job in yaml.safe_load(path.read_text("utf-8"))["jobs"].values():
            found += [(path.stem, line) for step in job["steps"] for line in step.get("run", "").splitlines()]
    return found


@pytest.mark.parametrize(("workflow", "line"), steps())
def test_a_workflow_runs_what_anybody_can_run(workflow: str, line: str, capsys: pytest.CaptureFixture[str]) -> None:
    program, *words = line.split()
    if program == "make":
        assert re.search(rf"^{words[0]}:", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
        return
    assert program == "audiospective"
    command = words[: next((place for place, word in enumerate(words) if word.startswith("-")), len(words))]
    assert main([*command, "--help"]) == 0
    said = capsys.readouterr().out
    assert [word for word in words if word.startswith("--") and word not in said] == []


def test_a_tag_deploys_and_a_change_is_checked() -> None:
    assert {path.stem for path in WORKFLOWS} == {"deploy-production", "pr-checks"}
    deploys = yaml.safe_load((ROOT / ".github" / "workflows" / "deploy-production.yml").read_text("utf-8"))
    assert deploys[True]["push"]["tags"] == ["v*"]  # YAML reads “on” as true
    order = {name: job.get("needs") for name, job in deploys["jobs"].items()}
    assert order == {"test": None, "build": "test", "deploy": "build", "verify": "deploy"}
    assert deploys["permissions"] == {"contents": "read"}
