"""What is made of a frozen report is the same for everybody, so it is made once while it is asked for often."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from audiospective.infra.language import spoken
from audiospective.reports.share import Share


class Frozen:
    """Bytes made of reports, by their signatures, which are of id and content, and by language; the `most` that were asked for last."""

    def __init__(self, most: int = 64) -> None:
        self._most = most
        self._kept: OrderedDict[str, bytes] = OrderedDict()

    def of(self, share: Share, make: Callable[[], bytes]) -> bytes:
        """What `make` gives for this report, which was just found to be there still."""
        key = f"{spoken().tag} {share.signature}"
        made = self._kept.pop(key, None)
        if made is None:
            made = make()
        self._kept[key] = made
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return made
