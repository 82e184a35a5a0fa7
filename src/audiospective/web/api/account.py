"""The end of an account (contract.md §4, `/api/user/delete`)."""

from __future__ import annotations

from datetime import datetime

import msgspec
from litestar import Response, delete
from litestar.params import JSONBody
from litestar.types import ControllerRouterHandler

from audiospective.accounts.people import Person
from audiospective.archive.plays import UserId
from audiospective.bootstrap import Parts
from audiospective.errors import NotSignedIn
from audiospective.privacy import erasure
from audiospective.privacy.erasure import Deleted
from audiospective.web.visitor import Asked, Listener, WithParts, credentials, leave


class Confirmation(msgspec.Struct, frozen=True):
    """The person's display name, typed by themselves."""

    confirm: str


class DeletionAnswer(msgspec.Struct, rename="camel", frozen=True):
    """What was deleted; `receipt` is signed, names nobody, and is verified at `/receipt`."""

    success: bool
    message: str
    deleted_records: dict[str, int]
    deleted_at: datetime
    receipt: str


@delete("/api/user/delete", status_code=200)
async def delete_user(request: Asked, parts: WithParts, person: Listener, data: JSONBody[Confirmation]) -> Response[DeletionAnswer]:
    """Delete everything, at once and for ever; `confirm` is the display name. Only from a session, never with a personal token."""
    gone = await deleted(request, parts, person, data.confirm)
    answer = DeletionAnswer(True, "Your account and everything in it is deleted.", gone.records, gone.at, gone.receipt)
    response = Response(answer)
    leave(response, parts.settings)
    return response


async def deleted(request: Asked, parts: Parts, person: Person, confirm: str) -> Deleted:
    """Delete this person, who typed `confirm`; raises Invalid, and NotSignedIn for a program, wherever it asks."""
    if credentials(request.scope, parts.settings).token is not None:
        raise NotSignedIn("A personal token can't delete an account; sign in and do it in Settings.")
    erasure.check_confirmation(person.display_name, confirm)
    ledger, instance = parts.settings.home / erasure.LEDGER, parts.settings.app_url
    return await erasure.delete_account(
        parts.db, parts.sealer, parts.cache, parts.clock, user=UserId(person.id), instance=instance, ledger=ledger
    )


routes: tuple[ControllerRouterHandler, ...] = (delete_user,)
