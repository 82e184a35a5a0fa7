"""What handlers are given in forms and addresses, and where a plain form leads next."""

from __future__ import annotations

from typing import Any, TypeAlias, TypeVar
from urllib.parse import parse_qs

from litestar import Response

from audiospective.errors import Invalid
from audiospective.web.visitor import Asked

T = TypeVar("T")

#: A JSON answer for a script, or the way on for a plain form.
Sent: TypeAlias = Response[T] | Response[bytes]

_MOST_FIELDS = 100


def is_plain_form(request: Asked) -> bool:
    """Whether a page's form was sent without a script: then a page must follow, not JSON."""
    return "text/html" in request.headers.get("accept", "")


async def fields(request: Asked) -> dict[str, str]:
    """The fields of a form; raises Invalid for what isn't one. Of a field that stands twice the first counts."""
    return {name: values[0] for name, values in (await every_field(request)).items()}


async def every_field(request: Asked) -> dict[str, list[str]]:
    """The fields of a form with all their values, for boxes of one name; raises Invalid for what isn't one."""
    try:
        given = parse_qs((await request.body()).decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict")
    except ValueError as error:
        raise _unreadable() from error
    if any("\0" in value for values in given.values() for value in values):  # nobody types it, and Postgres can't hold it
        raise _unreadable()
    return given


def _unreadable() -> Invalid:
    return Invalid("The form can't be read; reload the page and send it again.", field="body")


async def refuse_doubles(request: Asked) -> None:
    """Before a handler: a query parameter that it reads may stand once; raises Invalid, since either value could be meant."""
    known = request.route_handler.parsed_fn_signature.parameters
    for name in request.query_params:
        if name in known and len(request.query_params.getall(name)) > 1:
            raise Invalid(f"{name} stands more than once in the address; give it once.", field=name)


def back_to(place: str) -> Response[Any]:
    """303 to a path of ours."""
    return Response(b"", status_code=303, headers={"Location": place}, media_type="text/plain")
