"""What this process measures of its own requests, in the shape that Prometheus reads."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Gauge, Histogram, generate_latest

from audiospective.operations.judge import Reading

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Measures:
    """Requests by kind of address and class of answer; nothing of whom or what for."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Histogram(
            "audiospective_request_seconds",
            "Time from the first byte of a request to the last of its answer.",
            ("kind", "status"),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._readings = Gauge("audiospective_reading", "What the probes read; see docs/runbook.md.", ("name",), registry=self.registry)

    def observe(self, path: str, status: int, seconds: float) -> None:
        """A request has been answered."""
        self._requests.labels(kind_of(path), f"{status // 100}xx").observe(seconds)

    def text(self, readings: dict[str, Reading]) -> bytes:
        """All of it, with what the probes read a moment ago as gauges."""
        self._readings.clear()
        for name, reading in readings.items():
            if isinstance(reading.value, int | float):
                self._readings.labels(name.replace(".", "_")).set(reading.value)
        return generate_latest(self.registry)


def kind_of(path: str) -> str:
    """Pages, API, shared reports, files: few enough to be counted apart."""
    for start, kind in (
        ("/api/", "api"),
        ("/apis/", "api"),
        ("/1/", "api"),
        ("/static/", "static"),
        ("/cover/", "cover"),
        ("/share/", "share"),
    ):
        if path.startswith(start):
            return kind
    return "page"
