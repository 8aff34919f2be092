"""Runs the bridge and its relay: `python -m edge_bridge`."""

from __future__ import annotations

from edge_bridge.app import make
from soulseer.asgi import serve
from soulseer.process import begin
from soulseer.settings import BridgeSettings


def main() -> None:
    """Serve until told to stop."""
    settings = begin("edge_bridge", BridgeSettings)
    serve(make(settings), host=settings.bridge_host, port=settings.bridge_port)


if __name__ == "__main__":
    main()
