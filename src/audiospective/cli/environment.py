"""The machine's environment, read once per command: `.env` in the working directory, real variables on top, then options."""

from __future__ import annotations

import os
from pathlib import Path

from audiospective import settings
from audiospective.settings import Settings


def environment(home: Path | None = None) -> dict[str, str]:
    """Every variable; `home` is the option that names a data folder."""
    chosen = {} if home is None else {"AUDIOSPECTIVE_HOME": str(home.expanduser().absolute())}
    return {**settings.read_dotenv(Path(".env")), **os.environ, **chosen}


def read_settings(home: Path | None = None) -> Settings:
    """The settings of this command; raises SettingsError with every problem."""
    return settings.load(environment(home))
