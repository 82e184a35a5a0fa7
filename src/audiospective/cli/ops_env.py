"""`ops env`: is the environment here the one that releases run in?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from audiospective.bootstrap import Parts
from audiospective.cli.endings import Exit
from audiospective.cli.environment import environment
from audiospective.cli.output import AsJson, answer
from audiospective.cli.session import with_parts
from audiospective.errors import Unavailable
from audiospective.operations import env_diff
from audiospective.operations.env_diff import Difference
from audiospective.operations.measure import Profile
from audiospective.operations.providers.chosen import SETS_UP
from audiospective.settings import NAMES, read_dotenv

app = App(name="env", help="The environment that releases run in: diff.")


@app.command
def diff(*, profile: Annotated[Profile, Parameter(name="--profile")] = Profile.SELF_HOSTED, as_json: AsJson = False) -> int:
    """Compare the environment here with the host's (cloud), or `.env` with what overrides it (self-hosted); no value is shown.

    Ends with 1 when something differs.

    Example: `audiospective ops env diff --profile cloud`

    Parameters
    ----------
    profile
        self-hosted or cloud.
    """
    found = _with_host() if profile is Profile.CLOUD else env_diff.of_file(read_dotenv(Path(".env")), environment(), list(NAMES))
    answer(found, as_json=as_json, text=lambda rows: "\n".join(f"{one.name}: {one.how}" for one in rows) or "Nothing differs.")
    return Exit.NO if found else Exit.DONE


def _with_host() -> list[Difference]:
    async def work(parts: Parts) -> list[Difference]:
        hosting = parts.providers(is_cloud=True).hosting
        if hosting is None:
            raise Unavailable(f"{SETS_UP['hosting']} aren't set, so the host can't be asked.")
        return env_diff.with_hosting(environment(), await hosting.variables(), list(NAMES))

    return with_parts(work)
