from dataclasses import replace

from benchmarks.peers.peer import Peer
from benchmarks.peers.workers.commands import run_workers

STOCK = Peer(
    name="workers",
    folder="workers",
    how="this project: runworker --processes 2, PostgreSQL and Redis, Channels' own layer",
    durable="PostgreSQL",
    result="every state, attempt and result in PostgreSQL",
    in_database=True,
    workers=run_workers(),
    rate=20_000,
    flow_rate=1_500,
    own=True,
)
PEERS = [
    STOCK,
    replace(
        STOCK,
        name="workers-quick",
        how="the same through the project's layer, myproject.redis_layer, as its settings have it",
        env={"BENCH_LAYER": "quick"},
    ),
]
