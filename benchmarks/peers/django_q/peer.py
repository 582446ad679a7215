from benchmarks.peers.peer import Peer

RUN = "python -m django qcluster"
PEERS = [
    Peer(
        name="django-q2",
        folder="django_q",
        how="qcluster workers=2, Redis broker",
        durable="Redis",
        result="result in PostgreSQL at the end",
        workers=(RUN,),
        rate=1_050,
        flow_rate=720,
        env={"BROKER": "redis"},
    ),
    Peer(
        name="django-q2-orm",
        folder="django_q",
        how="qcluster workers=2, ORM broker, poll 0.2 s",
        durable="PostgreSQL",
        result="result in PostgreSQL at the end",
        in_database=True,
        workers=(RUN,),
        rate=620,
        flow_rate=500,
        pause=(0.05, 0.65),
        env={"BROKER": "orm"},
    ),
]
