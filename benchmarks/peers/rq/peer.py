from benchmarks.peers.peer import Peer

PEERS = [
    Peer(
        name="rq",
        folder="rq",
        how="two rqworker, a fork for every job (its default)",
        durable="Redis",
        result="state and result in Redis, 500 s",
        workers=("python -m django rqworker default",) * 2,
        rate=150,
    ),
    Peer(
        name="rq-simple",
        folder="rq",
        how="two rqworker with SimpleWorker, no fork",
        durable="Redis",
        result="state and result in Redis, 500 s",
        workers=("python -m django rqworker default --worker-class rq.worker.SimpleWorker",) * 2,
        rate=800,
        flow_rate=750,
    ),
]
