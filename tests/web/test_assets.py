"""Static files: named by their content, packed beforehand, cached for ever."""

from __future__ import annotations

import gzip
import json
import struct
from pathlib import Path

import httpx
import pytest

from audiospective.web.assets import Assets
from tests.web.site import Site


def _files(folder: Path, **texts: str) -> Path:
    for name, text in texts.items():
        path = folder / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def _text(assets: Assets, name: str) -> str:
    asset = assets.find(assets.url(name).removeprefix("/static/"))
    assert asset is not None
    return asset.content.decode()


def test_styles_are_one_sheet_that_begins_with_the_tokens(tmp_path: Path) -> None:
    assets = Assets(_files(tmp_path, css__a_dot_css=".a{}", css__tokens_dot_css="@layer tokens;", css__components__b_dot_css=".b{}"))
    assert _text(assets, "app.css") == "@layer tokens;\n.a{}\n.b{}"


def test_scripts_share_no_names(tmp_path: Path) -> None:
    assert _text(Assets(_files(tmp_path, js__a_dot_js="const x = 1;", js__b_dot_js="const x = 2;")), "app.js").count("{\nconst x") == 2


def test_a_file_named_in_a_style_is_named_by_its_content(tmp_path: Path) -> None:
    assets = Assets(_files(tmp_path, fonts__f_dot_woff2="font", css__tokens_dot_css="src: url(/static/fonts/f.woff2)"))
    assert _text(assets, "app.css") == f"src: url({assets.url('fonts/f.woff2')})"


def test_another_content_has_another_address(tmp_path: Path) -> None:
    one = Assets(_files(tmp_path / "1", css__a_dot_css=".a{}")).url("app.css")
    assert one != Assets(_files(tmp_path / "2", css__a_dot_css=".b{}")).url("app.css")


async def test_files_are_packed_and_cached_for_ever(site: Site, stranger: httpx.AsyncClient) -> None:
    address = site.app.state.assets.url("app.css")
    packed = await stranger.get(address, headers={"Accept-Encoding": "gzip"})
    plain = await stranger.get(address, headers={"Accept-Encoding": "identity"})
    assert (packed.headers["content-encoding"], packed.content) == ("gzip", plain.content)
    assert packed.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert (packed.headers["vary"], packed.headers["content-type"]) == ("Accept-Encoding", "text/css; charset=utf-8")


@pytest.mark.parametrize("name", ["app.css", "nothing.js", "../app.py", "%2e%2e/app.py", "fonts/", ""])
async def test_only_what_has_a_hash_is_there(stranger: httpx.AsyncClient, name: str) -> None:
    assert (await stranger.get(f"/static/{name}")).status_code == 404


def test_the_weight_of_a_page_stays_within_bounds() -> None:
    sizes = Assets().sizes
    weight = {kind: sum(size for name, size in sizes.items() if name.endswith(kind)) for kind in (".css", ".js", ".woff2")}
    assert weight[".css"] <= 25 * 1024
    assert weight[".js"] <= 50 * 1024
    assert weight[".woff2"] <= 60 * 1024


def test_packing_loses_nothing() -> None:
    assets = Assets()
    for name in assets.sizes:
        asset = assets.find(name)
        assert asset is not None
        assert asset.packed is None or gzip.decompress(asset.packed) == asset.content


def test_the_program_can_be_put_on_a_home_screen() -> None:
    assets = Assets()
    told = json.loads(_text(assets, "app.webmanifest"))
    assert (told["start_url"], told["scope"], told["display"]) == ("/dashboard", "/", "standalone")
    for icon in told["icons"]:
        found = assets.find(icon["src"].removeprefix("/static/"))
        assert found is not None
        assert found.media_type == icon["type"]
        if icon["type"] == "image/png":
            assert "{}x{}".format(*struct.unpack(">II", found.content[16:24])) == icon["sizes"]
