"""The machine's environment, read once per command: `.env` in the working directory, real variables on top, then options."""

from __future__ import annotations

import os
from pathlib import Path

from audiospective import settings
from audiospective.operations import supervision
from audiospective.settings import Settings


def environment(home: Path | None = None) -> dict[str, str]:
    """Every variable; `home` is the option that names a data folder."""
    chosen = {} if home is None else {"AUDIOSPECTIVE_HOME": str(home.expanduser().absolute())}
    return {**settings.read_dotenv(Path(".env")), **os.environ, **chosen}


def read_settings(home: Path | None = None) -> Settings:
    """The settings of this command; raises SettingsError with every problem.

    What nobody has set here is as an `up` on this data folder has chosen it: where it stands, and its simulator.
    """
    environ = environment(home)
    found = settings.load(environ)
    has_address = bool(environ.get("APP_URL") or environ.get("NEXTAUTH_URL"))
    if found.is_production or (has_address and not found.spotify.simulated):
        return found
    more = {
        name: value
        for name, value in supervision.given(found.home).items()
        if not environ.get(name) and (not has_address if name == "APP_URL" else found.spotify.simulated)
    }
    return settings.load(environ | more) if more else found
