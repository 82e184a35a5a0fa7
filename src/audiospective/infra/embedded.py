"""A private Postgres in a folder: started by whoever needs it first, shared by all, stopped by the last one out.

Three lock files stand beside the cluster, and the kernel drops a dead process's locks for us:
- `<cluster>.lock`: held while somebody starts or stops the server, so that racing starts end in one server;
- `<cluster>.users`: every holder has a shared lock; who gets it exclusively is the last one, and stops the server;
- `<cluster>.guard`: a small process of its own waits for the exclusive lock, so that the server stops even when every
  holder was killed.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import itertools
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

from audiospective.errors import DatabaseUnavailable
from audiospective.infra import postgres_programs
from audiospective.infra.postgres_programs import Account, Programs
from audiospective.settings import Settings

#: For a small machine that does other things too. Only a socket, since the wheel's build has no TLS.
SETTINGS: dict[str, str] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0777",  # the folder around it is 0700
    "max_connections": "60",
    "shared_buffers": "128MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "effective_cache_size": "1GB",
    "max_wal_size": "2GB",
    "wal_compression": "on",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "autovacuum_naptime": "20s",
    "autovacuum_vacuum_insert_scale_factor": "0.05",  # reading by index alone needs the visibility map
    "autovacuum_vacuum_insert_threshold": "1000",
    "autovacuum_analyze_scale_factor": "0.05",
}

_NOW = fcntl.LOCK_EX | fcntl.LOCK_NB  # exclusively, or BlockingIOError at once
_SOCKET_LIMIT = 107 - len("/.s.PGSQL.5432")  # bytes of a socket's path that the kernel takes
_PATIENCE = 60.0  # seconds for a start or a stop; recovery after a crash is part of a start
_TICK = 0.01
_LOG_SIZE = 1_000_000
_SEGMENT = 16 * 1024 * 1024  # what Postgres takes at once for its journal


class EmbeddedPostgres:
    """The Postgres of one data folder. `settings` are added to SETTINGS, as in `{"fsync": "off"}` for tests."""

    def __init__(self, home: Path, settings: Mapping[str, str] | None = None) -> None:
        self._home = home.absolute()
        self._settings = {**SETTINGS, **(settings or {})}
        self._hold: int | None = None

    @property
    def dsn(self) -> str:
        """Where to connect to; the server answers between `start` and `release`."""
        return _dsn(_cluster(self._home))

    def start(self) -> str:
        """Start the server unless it runs, and hold it; gives its address. Call it again at will, from any process.

        Raises DatabaseUnavailable with the server's own last words when it doesn't come up.
        """
        try:
            return self._started(_settle(self._home))
        except OSError as error:
            raise DatabaseUnavailable(
                f"Postgres did not start: {error.filename or self._home} can't be used ({error.strerror})."
            ) from error

    def _started(self, cluster: Path) -> str:
        for name in (".lock", ".users", ".guard"):
            cluster.with_suffix(name).touch(mode=0o600)
        with _locked(cluster.with_suffix(".lock")), contextlib.ExitStack() as undo:
            if self._hold is None:
                self._hold = _take(cluster.with_suffix(".users"), fcntl.LOCK_SH)
                undo.callback(self._let_go)
            if not _is_ready(cluster):
                _launch(cluster, self._settings)
            _guard(self._home, cluster)
            undo.pop_all()
        return _dsn(cluster)

    def release(self) -> None:
        """Let go; if nobody else holds the server, it is stopped before this returns."""
        if self._hold is None:
            return
        cluster = _cluster(self._home)
        with _locked(cluster.with_suffix(".lock")):
            self._let_go()
            users = cluster.with_suffix(".users")
            try:
                with _locked(users, _NOW):
                    _stop(cluster)
            except BlockingIOError:  # somebody else holds it: other users, or the guard, who is stopping it; that one we wait for
                os.close(_take(users, fcntl.LOCK_SH))

    def is_alive(self) -> bool:
        """Whether the server runs and takes connections."""
        return _is_ready(_cluster(self._home))

    def _let_go(self) -> None:
        if self._hold is not None:
            os.close(self._hold)
        self._hold = None


def address_of(settings: Settings) -> str:
    """Where our database is: the one that is set, else the embedded one, which answers as long as somebody holds it."""
    return settings.database_url or EmbeddedPostgres(settings.home).dsn


def stop_when_unused(home: Path) -> None:
    """The guard: wait until nobody holds the server of `home`, then stop it. One guard per cluster; others return at once."""
    cluster = _cluster(home)
    with contextlib.suppress(BlockingIOError), _locked(cluster.with_suffix(".guard"), _NOW), _locked(cluster.with_suffix(".users")):
        _stop(cluster)


def _cluster(home: Path) -> Path:
    """The cluster's folder: in the home, or where `postgres.place` in the home says."""
    place = home / "postgres.place"
    return Path(place.read_text()) if place.exists() else home / "postgres"


def _settle(home: Path) -> Path:
    """Make the home, and decide on its first start where the cluster is: aside, if root's Postgres account can't enter the home."""
    home.mkdir(parents=True, exist_ok=True)
    with _locked(home):
        cluster = _cluster(home)
        account = postgres_programs.account_for(_owner(cluster))
        if account is None or _is_ready(cluster) or account.may_reach(cluster.parent):  # a server that runs has reached it
            return cluster
        if cluster.exists():
            raise DatabaseUnavailable(f"“{account.name}”, who runs Postgres, can't reach {cluster}; open its parent folders (chmod o+x).")
        postgres_programs.make_shared()
        aside = _free_place(home)
        (home / "postgres.place").write_text(str(aside))
        return aside


def _free_place(home: Path) -> Path:
    """A place aside that nobody has; a home that was wiped and made again begins anew."""
    name = f"pg-{hashlib.sha256(os.fsencode(home)).hexdigest()[:10]}"
    places = (postgres_programs.SHARED / f"{name}-{number}" for number in itertools.count(1))
    return next(place for place in places if not place.with_suffix(".lock").exists())


def _owner(cluster: Path) -> int | None:
    return cluster.stat().st_uid if cluster.exists() else None


def _take(path: Path, kind: int) -> int:
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, kind)
    except BaseException:
        os.close(handle)
        raise
    return handle


@contextlib.contextmanager
def _locked(path: Path, kind: int = fcntl.LOCK_EX) -> Iterator[None]:
    handle = _take(path, kind)
    try:
        yield
    finally:
        os.close(handle)


def _guard(home: Path, cluster: Path) -> None:
    """See that a guard is there. A shell in between makes it nobody's child, so that nobody has to wait for its end."""
    try:
        os.close(_take(cluster.with_suffix(".guard"), _NOW))
    except BlockingIOError:
        return
    detached = '"$0" "$@" </dev/null >/dev/null 2>&1 &'
    subprocess.run(["/bin/sh", "-c", detached, sys.executable, "-m", __name__, str(home)], check=True, cwd="/", start_new_session=True)


def _launch(cluster: Path, settings: Mapping[str, str]) -> None:
    account = postgres_programs.account_for(_owner(cluster))
    version = cluster / "PG_VERSION"
    programs = postgres_programs.find(account, version.read_text().strip() if version.exists() else None)
    if not version.exists():
        _create(cluster, programs)
    _configure(cluster, programs, settings)
    _clear_remains(cluster)
    log = cluster / "server.log"
    if log.exists() and log.stat().st_size > _LOG_SIZE:
        log.replace(
            cluster / "server.log.1"
        )  # the words before a crash stay readable, however often it is tried, and no log grows for ever
    options = f"-k '{_socket_folder(cluster, account)}'"
    if programs.run("pg_ctl", "-D", cluster, "-l", log, "-w", "-t", str(int(_PATIENCE)), "-o", options, "start"):
        if (free := shutil.disk_usage(cluster).free) < _SEGMENT:  # on a full disk the log can't say so
            raise DatabaseUnavailable(f"Postgres did not start: only {free // 1_000_000} MB are free where {cluster} lies; make room.")
        raise DatabaseUnavailable(f"Postgres did not start; {log} ends with:\n{_last_words(log)}")


def _create(cluster: Path, programs: Programs) -> None:
    """Make the cluster beside its place and move it there whole, so that a crash never leaves half of one."""
    half = cluster.with_suffix(".new")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(mode=0o700)
    _give(half, programs.account)
    log = cluster.with_suffix(".initdb.log")
    options = ("-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--data-checksums", "--no-instructions")
    if programs.run("initdb", "-D", half, *options, output=log):
        raise DatabaseUnavailable(f"Postgres could not make its data folder {cluster}:\n{_last_words(log)}")
    log.unlink()
    with (half / "postgresql.conf").open("a") as file:
        file.write("include = 'audiospective.conf'\n")
    half.rename(cluster)


def _configure(cluster: Path, programs: Programs, settings: Mapping[str, str]) -> None:
    preload = {"shared_preload_libraries": "pg_stat_statements"} if programs.has_statement_statistics else {}
    path = cluster / "audiospective.conf"
    path.write_text("".join(f"{name} = '{value}'\n" for name, value in {**settings, **preload}.items()))
    _give(path, programs.account)


def _give(path: Path, account: Account | None) -> None:
    if account is not None:
        os.chown(path, account.uid, account.gid)


def _socket_folder(cluster: Path, account: Account | None) -> Path:
    """The socket's folder, made and private: mode 0700 of the account that runs Postgres (root passes anyway)."""
    folder = _socket_path(cluster)
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid not in {os.geteuid(), account.uid if account else os.geteuid()}:
        raise DatabaseUnavailable(f"{folder} belongs to somebody else; remove it, or choose a shorter AUDIOSPECTIVE_HOME.")
    folder.chmod(0o700)
    _give(folder, account)
    return folder


def _socket_path(cluster: Path) -> Path:
    """Beside the cluster; a path that is too long for the kernel gets a short stand-in under /tmp."""
    beside = cluster.with_suffix(".socket")
    if len(os.fsencode(beside)) <= _SOCKET_LIMIT:
        return beside
    return Path("/tmp") / f"audiospective-{hashlib.sha256(os.fsencode(cluster)).hexdigest()[:16]}"  # noqa: S108 (checked by _socket_folder)


def _dsn(cluster: Path) -> str:
    return f"postgresql://postgres@/postgres?host={quote(str(_socket_path(cluster)), safe='')}"


def _postmaster(cluster: Path) -> tuple[int, bool] | None:
    """The running server's process id and whether it is ready; None when no live process works in the cluster under that id."""
    try:
        lines = (cluster / "postmaster.pid").read_text().split("\n")
        pid = int(lines[0])
    except (FileNotFoundError, ValueError):
        return None
    if not _works_in(pid, cluster):
        return None
    return pid, len(lines) > 7 and lines[7].strip() == "ready"


def _is_ready(cluster: Path) -> bool:
    found = _postmaster(cluster)
    return found is not None and found[1]


def _works_in(pid: int, folder: Path) -> bool:
    """Whether the process lives and works in `folder`; a zombie doesn't, nor does a stranger who got the same number."""
    try:
        return os.readlink(f"/proc/{pid}/cwd") == str(folder.resolve())
    except OSError:
        return False


def _clear_remains(cluster: Path) -> None:
    """After a killed server: wait for its children, then remove what would make Postgres think that it still runs.

    A killed server whose parent doesn't reap stays a zombie, and Postgres takes its number in these files for a sign of life.
    """
    until = time.monotonic() + 2
    while pids := _workers(cluster):
        if time.monotonic() > until:  # deep in a long statement; recovery undoes it anyway
            for pid in pids:
                _signal(pid, signal.SIGKILL)
        time.sleep(_TICK)
    (cluster / "postmaster.pid").unlink(missing_ok=True)
    for lock in _socket_path(cluster).glob(".s.PGSQL.*"):
        lock.unlink()


def _workers(cluster: Path) -> list[int]:
    return [pid for name in os.listdir("/proc") if name.isdecimal() and _works_in(pid := int(name), cluster)]


def _stop(cluster: Path) -> None:
    """Fast shutdown: sessions end, work in flight is undone, a checkpoint is written. Immediate when that takes too long."""
    for how in (signal.SIGINT, signal.SIGQUIT):
        found = _postmaster(cluster)
        if found is None:
            break
        _signal(found[0], how)
        until = time.monotonic() + _PATIENCE
        while _works_in(found[0], cluster) and time.monotonic() < until:
            time.sleep(_TICK)
    with contextlib.suppress(OSError):  # not there, or not empty
        _socket_path(cluster).rmdir()


def _signal(pid: int, what: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, what)


def _last_words(log: Path) -> str:
    return log.read_text(errors="replace")[-800:].strip() if log.exists() else "(nothing)"


if __name__ == "__main__":
    stop_when_unused(Path(sys.argv[1]))
