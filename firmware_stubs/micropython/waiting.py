"""Messages that wait for the network, within bounds: the oldest goes first when there are too many."""


class Waiting:
    """A queue of messages, each with a packet id; one leaves it when the broker has acknowledged it."""

    def __init__(self, most=120, most_bytes=32_000):
        self._most, self._most_bytes = most, most_bytes
        self._queue = []  # [packet id, payload, times sent on this link]
        self._bytes = 0
        self._next_id = 0
        self.dropped = 0

    def __len__(self):
        return len(self._queue)

    def add(self, payload):
        """Wait with one more; drop the oldest until it fits."""
        self._next_id = self._next_id % 65_535 + 1
        self._queue.append([self._next_id, payload, 0])
        self._bytes += len(payload)
        while len(self._queue) > self._most or (self._bytes > self._most_bytes and len(self._queue) > 1):
            self._bytes -= len(self._queue.pop(0)[1])
            self.dropped += 1

    def acknowledge(self, packet_id):
        """The broker has this one."""
        for place, entry in enumerate(self._queue):
            if entry[0] == packet_id:
                self._bytes -= len(self._queue.pop(place)[1])
                return

    def begin(self):
        """A new link: whatever is not acknowledged goes out again."""
        for entry in self._queue:
            entry[2] = 1 if entry[2] else 0

    def due(self, window=8):
        """(packet id, payload, whether it goes out again) of the next to send; at most ``window`` are under way."""
        for entry in self._queue[:window]:
            if entry[2] < 2:
                again, entry[2] = entry[2] == 1, 2
                yield entry[0], entry[1], again
