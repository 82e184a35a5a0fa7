"""The API, told: `/api/docs` for people, `/api/docs/openapi.json` for programs.

The page is our own, since ready-made ones want foreign scripts.
"""

from __future__ import annotations

from typing import Any

import msgspec
from litestar.openapi.plugins import JsonRenderPlugin, OpenAPIRenderPlugin

from audiospective.export.run import Format
from audiospective.web.api import examples
from audiospective.web.api.examples import example
from audiospective.web.rendering import render
from audiospective.web.visitor import Asked


class Argument(msgspec.Struct, frozen=True):
    """A query or path parameter."""

    name: str
    meaning: str
    default: str


class Call(msgspec.Struct, frozen=True):
    """One call of the API."""

    method: str
    path: str
    purpose: str
    arguments: tuple[Argument, ...]
    example: str = ""
    """How a shell asks."""


class ApiPage(msgspec.Struct, frozen=True):
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


class OwnSchema(JsonRenderPlugin):
    """The description for programs, with what every call has in common: how errors look, and how a token is shown."""

    def render(self, request: Asked, openapi_schema: dict[str, Any]) -> bytes:
        """openapi.json."""
        return super().render(request, _whole(openapi_schema))


#: contract.md §4, "Errors, everywhere".
_ERROR = {
    "type": "object",
    "required": ["error", "message", "details"],
    "properties": {"error": {"type": "string"}, "message": {"type": "string"}, "details": {"type": "object"}},
}


def _whole(schema: dict[str, Any]) -> dict[str, Any]:
    refused = {
        "description": "An error: its code, a sentence that says what would be right, and details such as the field.",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
    }
    paths = {
        path: {method: _told(method, path, said, refused) if isinstance(said, dict) else said for method, said in methods.items()}
        for path, methods in schema["paths"].items()
    }
    components = schema.get("components", {})
    components = components | {
        "schemas": components.get("schemas", {}) | {"Error": _ERROR},
        "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": "A personal token from Settings."}},
    }
    return schema | {"paths": paths, "components": components, "security": [{"token": []}]}


def _told(method: str, path: str, said: dict[str, Any], refused: dict[str, Any]) -> dict[str, Any]:
    """An operation with what it refuses, and how it is asked."""
    whole = _with_errors(path, said, refused)
    shown, body = example(method.upper(), path), examples.body(method.upper(), path)
    if shown:
        whole |= {"x-codeSamples": [{"lang": "Shell", "source": shown}]}
    if body is not None and "requestBody" in whole:
        content = {kind: one | {"example": body} for kind, one in whole["requestBody"]["content"].items()}
        whole |= {"requestBody": whole["requestBody"] | {"content": content}}
    return whole


def _with_errors(path: str, said: dict[str, Any], refused: dict[str, Any]) -> dict[str, Any]:
    """An operation, told what it answers when it refuses; Litestar would tell of its own errors, which nobody here ever sees."""
    kept = {status: answer for status, answer in said["responses"].items() if status < "400"}
    if path == "/api/export":
        kept["200"] = {
            "description": "The file, streamed.",
            "content": {kind: {} for kind in sorted({one.media_type.partition(";")[0] for one in Format})},
        }
    return said | {"responses": kept | {"default": refused}}


def _call(method: str, path: str, said: dict[str, Any]) -> Call:
    arguments = tuple(
        Argument(given["name"], given.get("description", ""), str(given.get("schema", {}).get("default", "")))
        for given in said.get("parameters", [])
    )
    return Call(method.upper(), path, said.get("description", ""), arguments, example(method.upper(), path))
