from benchmarks.peers.peer import Peer

PEERS = [
    Peer(
        name="channels",
        folder="channels",
        how="two stock runworker, SyncConsumer; capacity and expiry raised so that the queue fits",
        durable="Redis, and what workers pulled only in their memory",
        result="nothing",
        workers=("python -m django runworker bench",) * 2,
        rate=2_400,
        flow_rate=1_500,
    )
]
