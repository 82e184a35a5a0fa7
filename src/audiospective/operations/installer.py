"""uv as `make` has it: the program that it put beside the installation, and the index and certificates that pip was told to use."""

from __future__ import annotations

import configparser
import contextlib
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path


def uv(*folders: Path) -> str | None:
    """The program: of those checkouts, of the one that this installation is of, else on PATH; None when there is none."""
    own = [folder / ".tools" / "uv" / "bin" / "uv" for folder in (*folders, Path(sys.prefix).parent)]
    return next((str(one) for one in own if os.access(one, os.X_OK)), None) or shutil.which("uv")


def as_pip_is_told(environ: Mapping[str, str]) -> dict[str, str]:
    """uv asks the index, and trusts the certificates, that pip was told to; else those of this machine, as it did when it installed us."""
    told = {"UV_SYSTEM_CERTS": "1"} if any(Path("/etc/ssl/certs").glob("*")) else {}
    if "UV_INDEX_URL" not in environ and (index := environ.get("PIP_INDEX_URL") or _configured(environ)):
        told["UV_DEFAULT_INDEX"] = index
    if certificates := environ.get("PIP_CERT"):
        told["SSL_CERT_FILE"] = certificates
    return {**told, **environ}


def _configured(environ: Mapping[str, str]) -> str:
    """The index of pip's own files, the last of which counts."""
    home = Path(environ.get("HOME") or "/")
    files = [Path("/etc/pip.conf"), home / ".pip" / "pip.conf", home / ".config" / "pip" / "pip.conf"]
    config = configparser.ConfigParser(interpolation=None)
    with contextlib.suppress(configparser.Error, OSError, UnicodeError):
        config.read([*files, environ.get("PIP_CONFIG_FILE", os.devnull)])
    return config.get("global", "index-url", fallback="")
