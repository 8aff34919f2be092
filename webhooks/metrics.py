"""Counters of the webhook receiver."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter


class Metrics:
    """One set of counters in a registry of its own.

    Attributes:
        registry: Shown at /metrics.
        events: Deliveries by endpoint and result: new, repeated, malformed, too_large, failed, or the
            verdict on a bad signature.
        enqueue_failures: Events stored whose job could not be sent; the sweeper finds them.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.events = Counter(
            "soulseer_webhook_events",
            "Webhook deliveries by endpoint and result.",
            ["endpoint", "result"],
            registry=self.registry,
        )
        self.enqueue_failures = Counter(
            "soulseer_webhook_enqueue_failures",
            "Stored events whose job could not be sent.",
            registry=self.registry,
        )
