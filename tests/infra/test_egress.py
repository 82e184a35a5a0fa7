"""A085: an address that somebody typed leads to the open internet or nowhere."""

from __future__ import annotations

import aiohttp
import pytest

from audiospective.errors import Invalid
from audiospective.infra.egress import check_address, is_public, public_session

_INSIDE = (
    "https://127.0.0.1/x",
    "https://169.254.169.254/latest/meta-data/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[fd00::1]/",
    "https://10.1.2.3/",
    "https://192.168.1.1:8443/",
    "https://100.64.0.1/",
    "https://0.0.0.0/",
    "https://192.0.0.192/",
    "https://[fec0::1]/",
    "https://localhost/",
    "https://db.internal/",
    "https://printer.local/",
    "https://postgres/",
    "https://example.org:5432/",
)
_NO_ADDRESS = (
    "http://example.org/",
    "gopher://example.org/",
    "file:///etc/passwd",
    "https://user:secret@example.org/",
    "https://example.org/#x",
    "https://exa mple.org/",
    "https://example.org/\r\nHost: x",
    "javascript:alert(1)",
    "https://",
    "",
    "https://example.org:99999/",
    "https://exämple.org/",
    "https://a..example.org/",
    "https://" + "a" * 64 + ".example.org/",
    "https://example.org/" + "x" * 3000,
)


@pytest.mark.parametrize("address", [*_INSIDE, *_NO_ADDRESS])
def test_what_leads_inside_or_nowhere_is_refused(address: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_address(address, field="target")
    assert refused.value.details["field"] == "target"


@pytest.mark.parametrize("address", ["https://example.org/hook?x=1", "https://93.184.216.34/", "https://[2606:4700::1111]:8443/x"])
def test_public_addresses_are_taken(address: str) -> None:
    assert check_address(address, field="target") == address


def test_a_host_that_is_listed_is_let_through_without_https() -> None:
    assert check_address("http://nas.home:9000/x", {"nas.home"}, field="target") == "http://nas.home:9000/x"


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "127.1", "localhost", "017700000001"])
async def test_a_name_that_leads_to_this_machine_is_not_called(host: str) -> None:
    async with public_session(agent="test") as http:
        with pytest.raises((aiohttp.ClientConnectorError, aiohttp.InvalidURL)):
            await http.get(f"http://{host}:9/")


@pytest.mark.parametrize(("address", "public"), [("8.8.8.8", True), ("224.0.0.1", False), ("::", False), ("2002:7f00:1::", False)])
def test_addresses_are_judged_by_where_they_lead(address: str, public: bool) -> None:
    assert is_public(address) is public
