"""The API, told: `/api/docs` for people, `/api/docs/openapi.json` for programs.

The page is our own, since ready-made ones want foreign scripts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from litestar.openapi.plugins import OpenAPIRenderPlugin

from audiospective.web.rendering import render
from audiospective.web.visitor import Asked


@dataclass(frozen=True, slots=True)
class Argument:
    """A query or path parameter."""

    name: str
    meaning: str
    default: str


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the API."""

    method: str
    path: str
    purpose: str
    arguments: tuple[Argument, ...]


@dataclass(frozen=True, slots=True)
class ApiPage:
    """The view of templates/pages/api_docs.html."""

    version: str
    schema_url: str
    calls: tuple[Call, ...]


class OwnPage(OpenAPIRenderPlugin):
    """Lists every call with its arguments, rendered here."""

    def render(self, request: Asked, openapi_schema: dict[str, Any]) -> bytes:
        """The page."""
        calls = tuple(
            _call(method, path, said)
            for path, methods in sorted(openapi_schema["paths"].items())
            for method, said in methods.items()
            if isinstance(said, dict)
        )
        view = ApiPage(openapi_schema["info"]["version"], "/api/docs/openapi.json", calls)
        return render(request, "pages/api_docs.html", view).content


def _call(method: str, path: str, said: dict[str, Any]) -> Call:
    arguments = tuple(
        Argument(given["name"], given.get("description", ""), str(given.get("schema", {}).get("default", "")))
        for given in said.get("parameters", [])
    )
    return Call(method.upper(), path, said.get("description", ""), arguments)
