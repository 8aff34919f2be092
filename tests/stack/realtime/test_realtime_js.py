"""Realtime judged by supabase-js, which speaks version 2.0.0 with binary frames."""

import os
import shutil
import subprocess
from pathlib import Path

from stack.paths import PROJECT_ROOT
from tests.sql.marketplace import Marketplace

JAVASCRIPT = Path(__file__).parents[1] / "js" / "realtime.test.mjs"


def test_supabase_js_joins_speaks_and_hears(market: Marketplace) -> None:
    node = shutil.which("node")
    assert node is not None
    client, reader, stranger = market.client(10_000), market.reader(), market.client()
    environment = {
        **os.environ,
        "API_URL": market.world.api_url,
        "PUBLISHABLE_KEY": market.world.keys.publishable_key,
        "SECRET_KEY": market.world.keys.secret_key,
        "CLIENT_ID": client.id,
        "CLIENT_TOKEN": client.token,
        "READER_ID": reader.id,
        "READER_TOKEN": reader.token,
        "STRANGER_TOKEN": stranger.token,
    }
    run = subprocess.run(
        [node, "--experimental-websocket", "--test", "--test-force-exit", "--test-reporter=tap", str(JAVASCRIPT)],
        env=environment,
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert run.returncode == 0, run.stdout + run.stderr
    assert "# fail 0" in run.stdout
