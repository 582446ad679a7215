from benchmarks.peers.peer import Peer

PEERS = [
    Peer(
        name="taskiq",
        folder="taskiq",
        how="worker -w 2, list broker, an async task, no Django",
        durable="Redis",
        result="nothing",
        workers=("taskiq worker -w 2 benchmarks.peers.taskiq.tasks:broker",),
        rate=8_000,
        flow_rate=4_300,
        env={"BROKER": "list"},
        django=False,
    ),
    Peer(
        name="taskiq-stream",
        folder="taskiq",
        how="worker -w 2, stream broker, results in Redis, an async task, no Django",
        durable="Redis, acknowledged when done",
        result="result in Redis",
        workers=("taskiq worker -w 2 benchmarks.peers.taskiq.tasks:broker",),
        rate=4_300,
        flow_rate=2_900,
        env={"BROKER": "stream"},
        django=False,
    ),
]
