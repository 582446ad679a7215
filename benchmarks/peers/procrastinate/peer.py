from benchmarks.peers.peer import Peer

PEERS = [
    Peer(
        name="procrastinate",
        folder="procrastinate",
        how="two workers, --concurrency 10, an async task (its fastest)",
        durable="PostgreSQL",
        result="every state in PostgreSQL, no result",
        in_database=True,
        workers=("python -m django procrastinate worker --concurrency 10",) * 2,
        rate=900,
        flow_rate=600,
    )
]
