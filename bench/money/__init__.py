"""What money costs: charging, gifts, the outbox and heartbeats, each against a peer on the same server."""
