"""Calls made out of an API's description, as it says and otherwise; what comes back is held against it."""

from __future__ import annotations

from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

from tests.clock import FakeClock

_CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
#: A few with `make test`, a hundred with `make fuzz`.
_EXAMPLES = max(3, settings().max_examples // 20)
_QUICKLY = settings(max_examples=_EXAMPLES, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))


def operations(description: dict[str, Any]) -> list[Any]:
    """Everything that may be asked."""
    return [found.ok() for found in schemathesis.openapi.from_dict(description).get_all_operations() if isinstance(found, Ok)]


def ask(operation: Any, mode: str, url: str, token: str, clock: FakeClock) -> None:
    """Ask it a few times."""

    @_QUICKLY
    @given(case=operation.as_strategy(generation_mode=GenerationMode(mode)))
    def asked(case: Any) -> None:
        clock.forward(seconds=11)  # past the strictest budget
        case.call_and_validate(base_url=url, headers={"Authorization": f"Bearer {token}"}, checks=_CHECKS)

    asked()
