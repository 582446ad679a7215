from benchmarks.peers.peer import Peer

PEERS = [
    Peer(
        name="huey",
        folder="huey",
        how="run_huey -w 2 -k process",
        durable="Redis",
        result="result in Redis",
        workers=("python -m django run_huey --workers 2 --worker-type process",),
        rate=6_300,
        flow_rate=6_000,
    )
]
