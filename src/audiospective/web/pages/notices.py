"""`/notices`: how somebody wants to be told things; the links of letters; `/digest/…`: the page behind one."""

from __future__ import annotations

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from audiospective.accounts import ways
from audiospective.accounts.people import Person
from audiospective.bootstrap import Parts
from audiospective.errors import Invalid, NotFound, RateLimited
from audiospective.infra import outbox
from audiospective.infra.language import say
from audiospective.infra.ratelimit import Limit, SharedLimiter
from audiospective.reports import ask, letters
from audiospective.reports.digest import digest, last_month, last_week
from audiospective.web.forms import back_to, every_field
from audiospective.web.rendering import render
from audiospective.web.views.deck import deck
from audiospective.web.views.notices import UnsubscribeView, digest_view, notices_view
from audiospective.web.visitor import Asked, Listener, Whoever, WithParts

_FIRST_LETTERS = Limit("first-letters", 10, 86_400)


@get("/notices", include_in_schema=False)
async def show(request: Asked, parts: WithParts, person: Listener) -> Response[bytes]:
    """The page."""
    return await _page(request, parts, person)


@post("/notices", status_code=200, include_in_schema=False)
async def add(request: Asked, parts: WithParts, person: Listener) -> Response[bytes]:
    """A new way; a hook's key is shown this once, a mail address gets a first letter."""
    given = await every_field(request)
    kind, target = given.get("kind", [""])[0], given.get("target", [""])[0]
    if kind == ways.Kind.MAIL and parts.post is None:
        raise Invalid("No mail server is set up on this instance (SMTP_URL); choose a hook.", field="kind")
    if kind == ways.Kind.MAIL:
        await _one_more_letter(request, person)
    now, wants, hosts = parts.clock.now(), given.get("wants", []), parts.settings.local_hosts
    async with parts.db.transaction() as conn:
        made = await ways.add(conn, parts.sealer, person.id, kind, target, wants=wants, now=now, local_hosts=hosts)
        if made.confirm:
            (way,) = [one for one in await ways.own(conn, person.id) if one.id == made.id]
            first = letters.of_first(parts.settings.app_url, made.confirm)
            await outbox.store(conn, ways.news(way, "confirm", first.subject, first.text), now)
    said = say("A letter is on its way; open the link in it, and you will be told.") if made.confirm else say("You will be told.")
    return await _page(request, parts, person, said=said, key=made.signing_key if kind == ways.Kind.WEBHOOK else "")


@post("/notices/{way_id:int}/remove", status_code=303, include_in_schema=False)
async def remove(parts: WithParts, person: Listener, way_id: FromPath[int]) -> Response[bytes]:
    """Take a way back."""
    async with parts.db.transaction() as conn:
        await ways.remove(conn, person.id, way_id)
    return back_to("/notices")


@post("/notices/{way_id:int}/try", status_code=200, include_in_schema=False)
async def try_out(request: Asked, parts: WithParts, person: Listener, way_id: FromPath[int]) -> Response[bytes]:
    """Send something now, to see that it arrives."""
    now = parts.clock.now()
    async with parts.db.transaction() as conn:
        mine = [one for one in await ways.own(conn, person.id) if one.id == way_id]
        if not mine:
            raise NotFound("There is no such way of yours; perhaps it was removed already.")
        await outbox.store(conn, ways.news(mine[0], f"test:{now.timestamp():.0f}", say("A test"), say("Messages arrive here.")), now)
    return await _page(request, parts, person, said=say("A test is on its way."))


@get("/notices/confirm/{token:str}", include_in_schema=False)
async def confirm(request: Asked, parts: WithParts, visitor: Whoever, token: FromPath[str]) -> Response[bytes]:  # noqa: ARG001 (greeted)
    """The link of a first letter."""
    async with parts.db.transaction() as conn:
        is_ours = await ways.confirm(conn, parts.sealer, token, parts.clock.now())
    good = UnsubscribeView(say("This address is yours."), say("You will be told what you chose in Settings."), "")
    return render(request, "pages/unsubscribe.html", good if is_ours else _no_link(), 200 if is_ours else 404)


@get("/unsubscribe/{token:str}", include_in_schema=False)
async def ask_to_leave(request: Asked, parts: WithParts, visitor: Whoever, token: FromPath[str]) -> Response[bytes]:  # noqa: ARG001
    """The link of a letter; looking at it changes nothing, since mail programs look ahead."""
    if ways.topic_of(parts.sealer, token) is None:
        return render(request, "pages/unsubscribe.html", _no_link(), 404)
    view = UnsubscribeView(say("No more of these letters?"), say("One click, and they end. Everything else stays as it is."), token)
    return render(request, "pages/unsubscribe.html", view)


@post("/api/unsubscribe/{token:str}", status_code=200, include_in_schema=False)
async def leave(request: Asked, parts: WithParts, visitor: Whoever, token: FromPath[str]) -> Response[bytes]:  # noqa: ARG001
    """End the letters that this link came with; mail programs press it for people, who needn't be signed in (RFC 8058)."""
    found = ways.topic_of(parts.sealer, token)
    if found is None:
        return render(request, "pages/unsubscribe.html", _no_link(), 404)
    async with parts.db.transaction() as conn:
        await ways.leave(conn, *found)
    view = UnsubscribeView(say("No more of these letters."), say("You can have them again in Settings."), "")
    return render(request, "pages/unsubscribe.html", view)


@get("/digest/{spelling:str}", include_in_schema=False)
async def look_back(request: Asked, parts: WithParts, person: Listener, spelling: FromPath[str]) -> Response[bytes]:
    """A week or month in a few lines; `week` and `month` are those that ended last."""
    now = parts.clock.now()
    async with parts.db.reading() as conn:
        today = (await ask.listening(conn, parts.cache, person, "1d", now)).period.last_day
        usual = {"week": last_week, "month": last_month}.get(spelling)
        listening = await ask.listening(conn, parts.cache, person, usual(today).spelling if usual and today else spelling, now)
        told = await digest(conn, listening)
        if told is None:
            raise NotFound("A digest has a first and a last day; ask for a week or a month.")
        shown = await deck(conn, parts, person)
    return render(request, "pages/digest.html", digest_view(shown, told, listening.period.spelling))


async def _one_more_letter(request: Asked, person: Person) -> None:
    """First letters go to whomever somebody types, and their way may be removed at once and asked for again; raises RateLimited."""
    limiter: SharedLimiter = request.app.state.letters
    verdict = await limiter.take(f"person {person.id}", _FIRST_LETTERS)
    if not verdict.allowed:
        message = f"{verdict.limit} mail addresses a day are written to for the first time; use a hook, or try again tomorrow."
        raise RateLimited(message, retry_after=verdict.reset_s)


def _no_link() -> UnsubscribeView:
    note = say("It was altered, or cut short. Settings shows what you are told, and how.")
    return UnsubscribeView(say("This isn’t a link of ours."), note, "")


async def _page(request: Asked, parts: Parts, person: Person, *, said: str = "", key: str = "") -> Response[bytes]:
    async with parts.db.reading() as conn:
        own, shown = await ways.own(conn, person.id), await deck(conn, parts, person)
    view = notices_view(parts.sealer, shown, own, has_mail=parts.post is not None, said=said, key=key)
    return render(request, "pages/notices.html", view)


routes: tuple[ControllerRouterHandler, ...] = (show, add, remove, try_out, confirm, ask_to_leave, leave, look_back)
