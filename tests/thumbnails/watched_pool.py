"""A pool whose decoders do what the picture says, and that remembers which it lent."""

from thumbnails.decoding.apart import Pool
from thumbnails.decoding.decoder import Decoder


class WatchedPool(Pool):
    """Remembers which processes it lent."""

    def __init__(self) -> None:
        super().__init__(2)
        self.lent: list[int] = []

    def borrow(self) -> Decoder:
        lent = super().borrow()
        self.lent.append(lent.pid)
        return lent
