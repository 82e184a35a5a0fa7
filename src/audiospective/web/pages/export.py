"""`/export`: everything out, by hand and by itself."""

from __future__ import annotations

from litestar import Response, get, post
from litestar.types import ControllerRouterHandler

from audiospective.export import run, scheduled
from audiospective.export.scheduled import Bucket, Place
from audiospective.insights.zones import Zone
from audiospective.web.forms import back_to, fields
from audiospective.web.rendering import render
from audiospective.web.views.deck import deck
from audiospective.web.views.export import export_view
from audiospective.web.visitor import Asked, Listener, WithParts


@get("/export", include_in_schema=False)
async def show(request: Asked, parts: WithParts, person: Listener) -> Response[bytes]:
    """The page."""
    async with parts.db.reading() as conn:
        schedule = await scheduled.find(conn, person.id)
        shown = await deck(conn, parts, person)
    view = export_view(
        shown,
        Zone.named(person.time_zone),
        schedule,
        scheduled.bucket_of(parts.sealer, schedule) if schedule else None,
        parts.clock.now(),
        spelling=request.query_params.get("range", "all")[:40],
        has_folder=parts.settings.export_folder is not None,
    )
    return render(request, "pages/export.html", view)


@post("/export/by-itself", status_code=303, include_in_schema=False)
async def by_itself(request: Asked, parts: WithParts, person: Listener) -> Response[bytes]:
    """Copies from now on, to the folder or a bucket."""
    given = {name: value.strip() for name, value in (await fields(request)).items()}
    fmt, every, now = run.parse_format(given.get("format", "")), given.get("every", ""), parts.clock.now()
    async with parts.db.transaction() as conn:
        if given.get("place") == Place.FOLDER:
            await scheduled.to_folder(conn, person.id, fmt, every, folder=parts.settings.export_folder, now=now)
        else:
            names = ("endpoint", "region", "bucket", "prefix", "key_id", "secret")
            bucket = Bucket(*(given.get(name, "") for name in names))
            await scheduled.to_bucket(
                conn, parts.sealer, person.id, bucket, fmt, every=every, now=now, local_hosts=parts.settings.local_hosts
            )
    return back_to("/export#by-itself")


@post("/export/by-itself/stop", status_code=303, include_in_schema=False)
async def stop(parts: WithParts, person: Listener) -> Response[bytes]:
    """No more copies."""
    async with parts.db.transaction() as conn:
        await scheduled.stop(conn, person.id)
    return back_to("/export#by-itself")


routes: tuple[ControllerRouterHandler, ...] = (show, by_itself, stop)
