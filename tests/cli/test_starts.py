"""What each process reads before it serves: nothing that it may never need. Names of modules are held here, and no time."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

#: In this order one interpreter becomes each of them: a process may read what those above it read.
_PROCESSES = {
    "simulator": "audiospective.simulator.__main__",
    "up": "audiospective.cli.up",
    "work": "audiospective.cli.running, audiospective.bootstrap, audiospective.jobs.worker",
    "pages": "audiospective.cli.running, audiospective.bootstrap, audiospective.cli.door, audiospective.web.app",
}

#: Each takes from five to fifty milliseconds, and most processes end without a use for it.
_NEVER = {
    "simulator": {"numpy", "msgspec", "psycopg", "structlog"},
    "up": {"numpy", "psycopg", "litestar", "jinja2", "rich", "sentry_sdk", "structlog"},
    "work": {
        "litestar",
        "uvicorn",
        "jinja2",
        "prometheus_client",
        "yaml",
        "PIL",
        "icalendar",
        "arro3",
        "rich",
        "pygments",
        "packaging.requirements",
        "httpcore",
        "anyio",
    },
    "pages": {"PIL", "icalendar", "arro3", "rich", "pygments", "packaging.requirements", "httpcore"},
}

_TELL = """
import json, sys
read = {}
for process, modules in json.loads(sys.argv[1]).items():
    exec(f"import {modules}")
    read[process] = [name for name, module in sys.modules.items() if module]
print(json.dumps(read))
"""


@pytest.fixture(scope="module")
def read() -> dict[str, list[str]]:
    told = subprocess.run([sys.executable, "-c", _TELL, json.dumps(_PROCESSES)], check=True, capture_output=True, text=True)
    found: dict[str, list[str]] = json.loads(told.stdout)
    return found


@pytest.mark.parametrize("process", _PROCESSES)
def test_a_process_reads_nothing_that_it_may_never_need(process: str, read: dict[str, list[str]]) -> None:
    assert "audiospective" in read[process]
    assert _NEVER[process] & set(read[process]) == set()
