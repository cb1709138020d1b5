"""What a power cut takes: nothing that was committed, because every commit is synchronised.

kill -9 cannot show this, since the kernel keeps what a dead process wrote. A file system of our own does: what was
written since the last fsync is gone at a cut, or only some of it is there.
"""

import random
from collections.abc import Sequence

import apsw
import pytest

from cloud_sync.stream.inbox import Inbox
from cloud_sync.stream.outbox import Outbox
from cloud_sync.stream.schema import prepare
from cloud_sync.stream.writer import PRAGMAS
from models.messages.codec import decode_batch
from models.messages.facts import StockCounted
from models.messages.ids import StreamClass
from models.process.clock import ManualClock


class Disk:
    """Files, and for each what was written since its last fsync."""

    def __init__(self, content: bytes) -> None:
        self.safe: dict[str, bytearray] = {"/db": bytearray(content)}
        self.now: dict[str, bytearray] = {"/db": bytearray(content)}
        self.pending: dict[str, list[tuple[int, bytes]]] = {}

    def cut(self, draw: random.Random) -> "Disk":
        """The disk after the power came back: any of the pending writes may have reached it."""
        after = Disk(b"")
        for name, content in self.safe.items():
            after.safe[name] = bytearray(content)
            for offset, data in self.pending.get(name, []):
                if draw.random() < 0.5:
                    put(after.safe[name], offset, data)
            after.now[name] = bytearray(after.safe[name])
        return after


def put(content: bytearray, offset: int, data: bytes) -> None:
    if len(content) < offset:
        content.extend(bytes(offset - len(content)))
    content[offset : offset + len(data)] = data


class ForgetfulFile:
    """One open file of a ``Disk``."""

    def __init__(self, disk: Disk, name: str) -> None:
        self._disk, self._name = disk, name
        disk.now.setdefault(name, bytearray())
        disk.safe.setdefault(name, bytearray())

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802
        return bytes(self._disk.now[self._name][offset : offset + amount])

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        put(self._disk.now[self._name], offset, bytes(data))
        self._disk.pending.setdefault(self._name, []).append((offset, bytes(data)))

    def xTruncate(self, size: int) -> None:  # noqa: N802
        del self._disk.now[self._name][size:]

    def xSync(self, _flags: int) -> None:  # noqa: N802
        self._disk.safe[self._name] = bytearray(self._disk.now[self._name])
        self._disk.pending[self._name] = []

    def xFileSize(self) -> int:  # noqa: N802
        return len(self._disk.now[self._name])

    def xLock(self, level: int) -> None:  # noqa: N802
        pass

    def xUnlock(self, level: int) -> None:  # noqa: N802
        pass

    def xCheckReservedLock(self) -> bool:  # noqa: N802
        return False

    def xFileControl(self, _operation: int, _pointer: int) -> bool:  # noqa: N802
        return False

    def xSectorSize(self) -> int:  # noqa: N802
        return 4096

    def xDeviceCharacteristics(self) -> int:  # noqa: N802
        return 0

    def xClose(self) -> None:  # noqa: N802
        pass


class ForgetfulDisks(apsw.VFS):
    """The file system "forgetful" over the ``Disk`` that is put in."""

    def __init__(self) -> None:
        super().__init__("forgetful", "")
        self.disk = Disk(b"")

    def xOpen(self, name: object, flags: list[int]) -> ForgetfulFile:  # type: ignore[override]  # noqa: N802
        flags[1] = flags[0]
        text = name.filename() if isinstance(name, apsw.URIFilename) else str(name)
        return ForgetfulFile(self.disk, text)

    def xDelete(self, name: str, _sync: bool) -> None:  # noqa: N802
        for files in (self.disk.now, self.disk.safe, self.disk.pending):
            files.pop(name, None)

    def xAccess(self, name: str, _flags: int) -> bool:  # noqa: N802
        return name in self.disk.now

    def xFullPathname(self, name: str) -> str:  # noqa: N802
        return name


@pytest.fixture(scope="module")
def disks() -> ForgetfulDisks:
    return ForgetfulDisks()


@pytest.fixture(scope="module")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("power") / "stream.db"
    prepare(path)
    return path.read_bytes()


def opened(pragmas: Sequence[str]) -> apsw.Connection:
    connection = apsw.Connection("/db", vfs="forgetful")
    # Without shared memory between processes, which our file system does not have, WAL needs the file to itself.
    for pragma in ("locking_mode=EXCLUSIVE", *pragmas):
        connection.execute(f"PRAGMA {pragma}").fetchall()
    return connection


def live_until_cut(disks: ForgetfulDisks, content: bytes, pragmas: Sequence[str], seed: int) -> tuple[int, int]:
    """Commit facts, cut the power at some moment; gives how many were acknowledged and how many are there after."""
    draw = random.Random(seed)
    disks.disk = Disk(content)
    outbox, peer = Outbox(budget_bytes=10**7, clock=ManualClock()), "gateway"
    inbox = Inbox(lambda _c, _o, _r: None, clock=ManualClock())
    connection = opened(pragmas)
    acknowledged = 0
    for n in range(draw.randint(5, 60)):
        connection.execute("BEGIN IMMEDIATE")
        fact = StockCounted(t_ms=n, gtin="00012345678905", place="A1", quantity=n, by="t")
        outbox.append(connection, peer, [fact])  # type: ignore[arg-type]
        sent = outbox.batch(connection, peer, StreamClass.LEDGER, n + 1)  # type: ignore[arg-type]
        assert sent is not None
        inbox.receive(connection, "node", StreamClass.LEDGER, decode_batch(sent.payload))  # type: ignore[arg-type]
        connection.execute("COMMIT")
        acknowledged += 1
    after = disks.disk.cut(draw)
    connection.close()
    disks.disk = after
    again = opened(pragmas)
    assert again.execute("PRAGMA quick_check").fetchall() == [("ok",)]
    (stored,) = again.execute("SELECT coalesce(max(seq), 0) FROM outbox").fetchone() or (0,)
    (folded,) = again.execute("SELECT coalesce(max(upto), 0) FROM inbox").fetchone() or (0,)
    again.close()
    assert stored == folded, "what belongs together was torn apart"
    return acknowledged, stored


def test_nothing_that_was_acknowledged_is_lost_at_a_power_cut(disks: ForgetfulDisks, empty_file: bytes) -> None:
    pragmas = [*PRAGMAS, "wal_autocheckpoint=20"]
    for seed in range(40):
        acknowledged, stored = live_until_cut(disks, empty_file, pragmas, seed)
        assert stored >= acknowledged


def test_the_test_can_tell_synchronous_normal_loses(disks: ForgetfulDisks, empty_file: bytes) -> None:
    pragmas = [*PRAGMAS, "wal_autocheckpoint=20", "synchronous=NORMAL"]
    results = [live_until_cut(disks, empty_file, pragmas, seed) for seed in range(20)]
    assert sum(stored for _acknowledged, stored in results) < sum(acknowledged for acknowledged, _stored in results)
