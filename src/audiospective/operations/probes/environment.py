"""Are the mission's fifteen variables set, and are they of the right shape? Values are looked at, never told."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from audiospective.operations.judge import Reading

#: The manifest, each with the other name that is accepted, and what does its work on one machine when it isn't set ("": nothing does).
MANIFEST = (
    ("DATABASE_URL", "", "the embedded Postgres"),
    ("NEXTAUTH_URL", "APP_URL", ""),
    ("NEXTAUTH_SECRET", "APP_SECRET", ""),
    ("NODE_ENV", "APP_ENV", ""),
    ("SPOTIFY_CLIENT_ID", "", ""),
    ("SPOTIFY_CLIENT_SECRET", "", ""),
    ("UPSTASH_REDIS_REST_URL", "REDIS_URL", "limits that each process counts for itself"),
    ("UPSTASH_REDIS_REST_TOKEN", "REDIS_URL", "limits that each process counts for itself"),
    ("QSTASH_URL", "", "the built-in scheduler"),
    ("QSTASH_TOKEN", "", "the built-in scheduler"),
    ("QSTASH_CURRENT_SIGNING_KEY", "", "the built-in scheduler"),
    ("QSTASH_NEXT_SIGNING_KEY", "", "the built-in scheduler"),
    ("SENTRY_DSN", "", "the built-in store of errors"),
    ("SENTRY_AUTH_TOKEN", "", "the built-in store of errors"),
    ("SENTRY_ENVIRONMENT", "", "APP_ENV"),
)
#: A drawn secret of 64 hexadecimal digits has about sixteen different characters, and never fewer than this.
_DIFFERENT = 10
_ADDRESSES = ("NEXTAUTH_URL", "APP_URL", "UPSTASH_REDIS_REST_URL", "QSTASH_URL", "SENTRY_DSN")


class Variable(msgspec.Struct, frozen=True):
    """One of the fifteen: whether it is set, and if not, what does its work instead ("": nothing)."""

    name: str
    is_set: bool
    instead: str


def variables(environ: Mapping[str, str], *, on_one_machine: bool) -> tuple[Variable, ...]:
    """All fifteen, in the manifest's order."""
    return tuple(
        Variable(name, bool(_value(environ, name) or (other and _value(environ, other))), instead if on_one_machine else "")
        for name, other, instead in MANIFEST
    )


def look(environ: Mapping[str, str], *, on_one_machine: bool) -> dict[str, Reading]:
    """How many are there, how the addresses end, how long the secret is."""
    found = variables(environ, on_one_machine=on_one_machine)
    there, replaced = sum(one.is_set for one in found), sum(not one.is_set and bool(one.instead) for one in found)
    missing = [one.name for one in found if not one.is_set and not one.instead]
    note = f"{there} of 15 set, {replaced} replaced by what is built in" + (f", missing: {', '.join(missing)}" if missing else "")
    slashes = [name for name in _ADDRESSES if _value(environ, name).endswith("/")]
    secret = _value(environ, "APP_SECRET") or _value(environ, "NEXTAUTH_SECRET")
    first = secret.split(",")[0].strip()
    return {
        "environment.names_set": Reading(there + replaced, "environment", note),
        "environment.trailing_slashes": Reading(len(slashes), "environment", ", ".join(slashes)),
        "environment.secret_length": _strength(first),
        "environment.name": Reading(_value(environ, "APP_ENV") or _value(environ, "NODE_ENV") or "development", "environment"),
    }


def agreed(found: Mapping[str, Reading]) -> dict[str, Reading]:
    """The environment's name as it is set and as the running instance says it; one alone is no proof. Pure."""
    said, answers = found["environment.name"], found["health.environment"]
    if answers.problem or answers.value == said.value:
        return {"environment.name": answers}
    return {"environment.name": Reading(f"{said.value} is set, {answers.value} answers", "environment")}


def _strength(secret: str) -> Reading:
    """Its length; of one that somebody typed, the number of its different characters, which is what there is to guess."""
    if not secret:
        return Reading(source="environment", problem="no secret is set; in development one lies in the data folder")
    different = len(set(secret))
    is_typed = different < _DIFFERENT or secret in secret[1:] + secret[:-1]
    return Reading(different if is_typed else len(secret), "environment", "it repeats itself" if is_typed else "")


def _value(environ: Mapping[str, str], name: str) -> str:
    return environ.get(name, "").strip()
