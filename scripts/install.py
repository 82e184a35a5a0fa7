"""Installs what is missing: `python -m scripts.install runtime` to run the program, `… development` to test it too.

Only Python and a package index are needed: uv comes from the index, the locked packages come through uv. A stamp remembers
what was installed, so that a second run costs nothing; a lock lets two runs share one checkout.
"""

from __future__ import annotations

import configparser
import contextlib
import fcntl
import hashlib
import importlib.util
import io
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import urllib.request
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

UV_VERSION = "0.13.9"
OLDEST_UV = (0, 9)  # reads the lock file as it is written

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".tools"
PYTHON = ROOT / ".venv" / "bin" / "python"
PIP_INSTALL = ("install", "--quiet", "--disable-pip-version-check")
PYPI = "https://pypi.org/simple"

#: What a stamp of `development` covers, `runtime` needn't install again.
WANTED = {"runtime": ("runtime", "development"), "development": ("development",)}


def main() -> int:
    what = sys.argv[1]
    if is_installed(what):
        return 0
    with locked():
        if is_installed(what):
            return 0
        say(f"Installing what is missing ({what}) …")
        uv = find_uv() or fetch_uv()
        code = sync(uv, what)
        if code == 0:
            run([PYTHON, "-m", "compileall", "-q", "-j", "0", ROOT / "src"], os.environ)  # or each process that starts would do it
            (TOOLS / f"{what}.stamp").write_text(stamp())
        return code


def say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def stamp() -> str:
    """What an installation depends on: the locked packages and where it stands."""
    said = hashlib.sha256(str(ROOT).encode())
    for name in ("pyproject.toml", "uv.lock"):
        said.update((ROOT / name).read_bytes())
    return said.hexdigest()


def is_installed(what: str) -> bool:
    """Whether an earlier run installed it whole and its Python still works."""
    stamps = (TOOLS / f"{name}.stamp" for name in WANTED[what])
    return os.access(PYTHON, os.X_OK) and any(path.exists() and path.read_text() == stamp() for path in stamps)


@contextlib.contextmanager
def locked() -> Iterator[None]:
    TOOLS.mkdir(exist_ok=True)
    with (TOOLS / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def sync(uv: Path, what: str) -> int:
    """Install the locked packages. With an index of one's own the lock file's addresses don't count, its hashes do."""
    environ = uv_environ()
    options = ["--no-dev", "--inexact"] if what == "runtime" else []
    if index() == PYPI:
        return run([uv, "sync", "--frozen", "--python", sys.executable, *options], environ)
    environ = {**environ, "UV_DEFAULT_INDEX": index()}
    with tempfile.NamedTemporaryFile(suffix=".txt") as pinned:
        return (
            run([uv, "venv", "--allow-existing", "--quiet", "--python", sys.executable, ROOT / ".venv"], environ)
            or run([uv, "export", "--frozen", "--quiet", "--no-emit-project", "--output-file", pinned.name, *options[:1]], environ)
            or run([uv, "pip", "install", "--python", PYTHON, "--require-hashes", "-r", pinned.name], environ)
            or run([uv, "pip", "install", "--python", PYTHON, "--no-deps", "--editable", ROOT], environ)
        )


def run(argv: Sequence[str | Path], environ: Mapping[str, str]) -> int:
    return subprocess.run(argv, env=environ, cwd=ROOT, check=False).returncode


def uv_environ() -> dict[str, str]:
    """uv's environment: this Python and no other, certificates that this machine trusts, a cache that can be written; bytecode at once."""
    environ = {**os.environ, "UV_PYTHON_DOWNLOADS": "never", "UV_NO_PROGRESS": "1", "UV_COMPILE_BYTECODE": "1"}
    environ.pop("VIRTUAL_ENV", None)
    if any(Path("/etc/ssl/certs").glob("*")):
        environ.setdefault("UV_SYSTEM_CERTS", "1")
    if certificates := os.environ.get("PIP_CERT"):
        environ.setdefault("SSL_CERT_FILE", certificates)
    if not os.access(Path.home(), os.W_OK):
        environ.setdefault("UV_CACHE_DIR", str(TOOLS / "cache"))
    return environ


def find_uv() -> Path | None:
    """The one from an earlier run, or one on PATH that is new enough."""
    for found in (str(TOOLS / "uv" / "bin" / "uv"), shutil.which("uv")):
        if found and os.access(found, os.X_OK) and uv_version(found) >= OLDEST_UV:
            return Path(found)
    return None


def uv_version(program: str) -> tuple[int, ...]:
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout.split()
    return tuple(int(part) for part in said[1].split(".")[:2]) if len(said) > 1 else (0,)


def fetch_uv() -> Path:
    """uv from the package index: with pip, with the pip inside Python, or, on a Python without either, by hand."""
    target = TOOLS / "uv"
    wanted = f"uv=={UV_VERSION}"
    with_pip: list[list[str | Path]] = [[sys.executable, "-m", "pip", *PIP_INSTALL, "--target", target, wanted]]
    with_venv: list[list[str | Path]] = [[sys.executable, "-m", "venv", target], [target / "bin" / "pip", *PIP_INSTALL, wanted]]
    ways = [way for module, way in (("pip", with_pip), ("ensurepip", with_venv)) if importlib.util.find_spec(module)]
    environ = {**os.environ, "PIP_ROOT_USER_ACTION": "ignore"}
    for way in ways:
        shutil.rmtree(target, ignore_errors=True)
        if all(run(argv, environ) == 0 for argv in way):
            return target / "bin" / "uv"
    shutil.rmtree(target, ignore_errors=True)
    unpack_wheel(target)
    return target / "bin" / "uv"


def unpack_wheel(target: Path) -> None:
    """Download the wheel for this machine, check it against the index, and take the program out of it."""
    url, digest = find_wheel()
    with urllib.request.urlopen(url, timeout=180) as answer:
        wheel = answer.read()
    if hashlib.sha256(wheel).hexdigest() != digest:
        raise SystemExit(f"{url} isn't what the index says it is; try again.")
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        program = next(name for name in archive.namelist() if name.endswith("/scripts/uv"))
        path = target / "bin" / "uv"
        path.parent.mkdir(parents=True)
        path.write_bytes(archive.read(program))
        path.chmod(0o755)


def find_wheel() -> tuple[str, str]:
    """Address and SHA-256 of uv's wheel for this machine."""
    request = urllib.request.Request(f"{index()}/uv/", headers={"Accept": "application/vnd.pypi.simple.v1+json"})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            files = json.load(answer)["files"]
    except OSError as error:
        raise SystemExit(f"The package index {index()} can't be reached ({error}); see to the network and run make again.") from error
    libc = "manylinux" if platform.libc_ver()[0] else "musllinux"
    system = "macosx" if sys.platform == "darwin" else libc
    machine = {"aarch64": ("aarch64", "arm64"), "arm64": ("arm64",)}.get(platform.machine(), (platform.machine(),))
    for file in files:
        name = str(file["filename"])
        if name.startswith(f"uv-{UV_VERSION}-") and system in name and any(name.endswith(f"{m}.whl") for m in machine):
            return str(file["url"]), str(file["hashes"]["sha256"])
    raise SystemExit(f"The package index {index()} has no uv {UV_VERSION} for this machine; install uv and run make again.")


def index() -> str:
    """The package index that pip or uv was told to use, without a slash at its end."""
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"):
        if given := os.environ.get(name):
            return given.rstrip("/")
    config = configparser.ConfigParser(interpolation=None)
    homes = [Path("/etc/pip.conf"), Path.home() / ".pip" / "pip.conf", Path.home() / ".config" / "pip" / "pip.conf"]
    config.read([*homes, os.environ.get("PIP_CONFIG_FILE", os.devnull)])
    return config.get("global", "index-url", fallback=PYPI).rstrip("/")


if __name__ == "__main__":
    sys.exit(main())
