from benchmarks.peers.peer import Peer

RUN = "python -m django rundramatiq --processes 2 --threads 8"
# An idle worker asks Redis ever more seldom, so a job that comes after a second waits longer than one after a tenth.
PAUSE = (0.05, 2.0)
PEERS = [
    Peer(
        name="dramatiq",
        folder="dramatiq",
        how="rundramatiq -p 2 -t 8",
        durable="Redis",
        result="nothing",
        workers=(RUN,),
        rate=4_000,
        flow_rate=3_700,
        pause=PAUSE,
        env={"RESULTS": "none"},
    ),
    Peer(
        name="dramatiq-db",
        folder="dramatiq",
        how="rundramatiq -p 2 -t 8, django-dramatiq's AdminMiddleware",
        durable="Redis, and its state in PostgreSQL",
        result="every state in PostgreSQL, no result",
        workers=(RUN,),
        rate=650,
        flow_rate=450,
        pause=PAUSE,
        env={"RESULTS": "database"},
    ),
]
