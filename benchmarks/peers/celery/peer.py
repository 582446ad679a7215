from benchmarks.peers.peer import Peer

RUN = "celery -A benchmarks.peers.celery.app worker -c 2"
PEERS = [
    Peer(
        name="celery",
        folder="celery",
        how="worker -c 2, ignore_result",
        durable="Redis",
        result="nothing",
        workers=(RUN,),
        rate=1_500,
        flow_rate=1_300,
        env={"RESULTS": "none"},
    ),
    Peer(
        name="celery-db",
        folder="celery",
        how="worker -c 2, results in the Django database, track_started, acks_late, CELERY_DB_REUSE_MAX",
        durable="Redis",
        result="start and result in PostgreSQL",
        workers=(RUN,),
        rate=350,
        env={"RESULTS": "database"},
    ),
]
