from benchmarks.peers.peer import Peer

PEERS = [
    Peer(
        name="django-tasks-db",
        folder="tasks_db",
        how="two db_worker, interval 1 s (its default)",
        durable="PostgreSQL",
        result="state and result in PostgreSQL",
        in_database=True,
        workers=("python -m django db_worker --no-startup-delay",) * 2,
        rate=700,
        flow_rate=600,
        pause=(0.05, 2.0),
    )
]
