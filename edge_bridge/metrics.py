"""Counters of the bridge, its relay and its realtime listener."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge


class Metrics:
    """One set of metrics in a registry of its own.

    Attributes:
        registry: Shown at /metrics.
        relayed: Outbox rows sent as jobs, by topic.
        rejected: Outbox rows that could not be sent, by topic.
        failures: Rounds that failed, by the part that was away.
        last_round: When the relay last finished a round.
        refused: Calls refused before their input was looked at, by reason; one answer outside may hide several.
        presence_hints: Sides seen to leave, and seen again in spite of a hint.
        presence_failures: Times the listener had to wait, by the part that was away.
        presence_connections: Connections to Realtime.
        presence_channels: Channels of live sessions.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.relayed = Counter(
            "soulseer_outbox_relayed", "Outbox rows sent as jobs.", ["topic"], registry=self.registry
        )
        self.rejected = Counter(
            "soulseer_outbox_rejected", "Outbox rows that could not be sent.", ["topic"], registry=self.registry
        )
        self.failures = Counter(
            "soulseer_relay_failures", "Relay rounds that failed.", ["part"], registry=self.registry
        )
        self.last_round = Gauge(
            "soulseer_relay_last_round_timestamp_seconds",
            "When the relay last finished a round.",
            registry=self.registry,
        )
        self.refused = Counter(
            "soulseer_bridge_calls_refused", "Calls that were not let in.", ["reason"], registry=self.registry
        )
        self.presence_hints = Counter(
            "soulseer_presence_hints", "Hints given about live sessions.", ["kind"], registry=self.registry
        )
        self.presence_failures = Counter(
            "soulseer_presence_failures", "Times the listener had to wait.", ["part"], registry=self.registry
        )
        self.presence_connections = Gauge(
            "soulseer_presence_connections", "Connections to Realtime.", registry=self.registry
        )
        self.presence_channels = Gauge(
            "soulseer_presence_channels", "Channels of live sessions listened to.", registry=self.registry
        )
