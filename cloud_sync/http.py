"""Facts over HTTPS, both ways, both begun by the store: a shop's firewall lets requests out and none in.

Up:   ``POST {url}/v1/streams/{node}/{stream}`` carries a ``FactBatch``; the answer is the ``Ack`` after COMMIT.
Down: ``POST {url}/v1/down/{stream}`` carries the ``Ack`` of what is folded here (an epoch of sixteen zeros at first);
      the answer is the ``FactBatch`` that follows, or 204 when there is none for 20 seconds.
"""

import asyncio
import ssl
from collections.abc import Callable
from functools import partial
from typing import Final

import httpx
import structlog
from prometheus_client import CollectorRegistry

from cloud_sync.loop_thread import LoopThread
from cloud_sync.settings import HqLinkSettings
from cloud_sync.stream.backoff import Backoff
from cloud_sync.stream.counters import ReceiverCounters, SenderCounters
from cloud_sync.stream.errors import StorageError
from cloud_sync.stream.inbox import Inbox, Origin, newest_acks
from cloud_sync.stream.outbox import Head, Outbox, Outgoing, read_head
from cloud_sync.stream.sender import Step, StreamSender
from cloud_sync.stream.writer import Writer
from models.messages.codec import decode, decode_batch, encode
from models.messages.envelopes import MAX_BATCH_FACTS, Ack, FactBatch
from models.messages.errors import LinkError, WireError
from models.messages.ids import StreamClass
from models.process.clock import Clock
from models.process.health import Health

_log = structlog.get_logger(__name__)

NO_EPOCH: Final = "0" * 16
"""What a puller says before it has folded anything."""

LONG_POLL_S: Final = 20.0
BATCH_BYTES: Final = 800_000
_TIMEOUT: Final = httpx.Timeout(30.0, connect=10.0)
_POLL_TIMEOUT: Final = httpx.Timeout(LONG_POLL_S + 20.0, connect=10.0)


class _Requests:
    """Requests to headquarters with this store's key; what cannot be answered now is a ``LinkError``."""

    def __init__(self, settings: HqLinkSettings, timeout: httpx.Timeout) -> None:
        verify: ssl.SSLContext | bool = True
        if settings.ca_file:
            verify = ssl.create_default_context(cafile=settings.ca_file)
        self._url = settings.url
        headers = {"authorization": f"Bearer {settings.key}", "content-type": "application/json"}
        self._client = httpx.AsyncClient(verify=verify, timeout=timeout, headers=headers, trust_env=False)

    async def post(self, path: str, body: bytes) -> httpx.Response:
        """POST and give the answer if it is a success."""
        try:
            response = await self._client.post(f"{self._url}{path}", content=body)
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise LinkError(f"{type(error).__name__}: {error}") from error
        if not response.is_success:
            raise LinkError(f"{path} was answered with {response.status_code} {response.reason_phrase}")
        return response

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.aclose()


class _Outage:
    """Says an outage once and its end once, and how long to wait in between. One for each direction and class."""

    def __init__(self, health: Health, subject: str) -> None:
        self._health, self._subject = health, subject
        self._backoff = Backoff()

    async def failed(self, error: Exception) -> None:
        """Report it and wait. What nobody foresaw is logged in full."""
        if not isinstance(error, LinkError | WireError | StorageError):
            _log.error("link failed", subject=self._subject, exc_info=error)
        hint = "facts wait in the outbox and are sent when it is back; check address, key and certificate"
        self._health.report(self._subject, "unreachable", str(error), hint)
        await asyncio.sleep(self._backoff.next_s())

    def over(self) -> None:
        """It works."""
        self._backoff.reset()
        self._health.clear(self._subject)


class HttpSender:
    """Sends both classes of an outbox's facts to headquarters, on one thread, each over its own connection."""

    def __init__(
        self,
        settings: HqLinkSettings,
        writer: Writer,
        outbox: Outbox,
        *,
        node: str,
        peer: str = "hq",
        health: Health,
        clock: Clock,
        registry: CollectorRegistry | None = None,
    ) -> None:
        self._settings = settings
        self._writer, self._outbox = writer, outbox
        self._node, self._peer = node, peer
        self._health, self._clock = health, clock
        self._counters = SenderCounters(registry)
        self._woken = {stream: asyncio.Event() for stream in StreamClass}
        self._thread = LoopThread("http-sender", [partial(self._send_stream, stream) for stream in StreamClass])

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def stop(self) -> None:
        """Stop; what is not acknowledged is sent after the next start."""
        self._thread.stop()

    def wake(self) -> None:
        """New facts were committed."""
        for event in self._woken.values():
            self._thread.call(event.set)

    async def _send_stream(self, stream: StreamClass) -> None:
        requests = _Requests(self._settings, _TIMEOUT)
        outage = _Outage(self._health, f"headquarters.{stream.value}")
        machine: StreamSender | None = None
        try:
            while True:
                self._woken[stream].clear()
                try:
                    head = await asyncio.to_thread(self._read_head, stream)
                    if head is not None and (machine is None or machine.epoch != head.epoch):
                        machine = StreamSender(head.epoch, head.acknowledged, window=1)
                        machine.connected()
                    if head is None or machine is None or not await self._step(requests, stream, machine, head):
                        await self._sleep(stream, machine)
                    else:
                        outage.over()
                except Exception as error:  # noqa: BLE001 - whatever it is, the facts are safe and sent later
                    if machine:
                        machine.connected()  # ask again how far it is
                    await outage.failed(error)
        finally:
            await requests.close()

    async def _step(self, requests: _Requests, stream: StreamClass, machine: StreamSender, head: Head) -> bool:
        """One request and its answer; false when there is nothing to ask."""
        step = machine.poll(self._clock.monotonic_s(), head.last)
        if step is None:
            return False
        now_s = self._clock.monotonic_s()
        if step is Step.PROBE:
            body = encode(FactBatch(epoch=machine.epoch, first=machine.cursor, facts=()))
            machine.probed(now_s)
        else:
            outgoing = await asyncio.to_thread(self._read_batch, stream, machine.cursor)
            if outgoing is None:
                return False
            body = outgoing.payload
            machine.sent(outgoing.last, now_s)
            self._counters.facts.labels(self._peer, stream.value).inc(outgoing.facts)
            self._counters.batches.labels(self._peer, stream.value).inc()
        response = await requests.post(f"/v1/streams/{self._node}/{stream.value}", body)
        ack = decode(response.content, Ack)
        before = machine.acknowledged
        machine.answered(ack.epoch, ack.upto, self._clock.monotonic_s())
        if ack.upto < before:
            self._counters.rewinds.labels(self._peer, stream.value).inc()
        if ack.upto != head.acknowledged:
            await self._writer.arun(lambda c: self._outbox.acknowledge(c, self._peer, stream, ack))
        return True

    async def _sleep(self, stream: StreamClass, machine: StreamSender | None) -> None:
        wait_s = machine.next_wakeup(self._clock.monotonic_s()) if machine else 30.0
        try:
            await asyncio.wait_for(self._woken[stream].wait(), max(wait_s, 0.01))
        except TimeoutError:
            return

    def _read_head(self, stream: StreamClass) -> Head | None:
        with self._writer.reading() as connection:
            return read_head(connection, self._peer, stream)

    def _read_batch(self, stream: StreamClass, first: int) -> Outgoing | None:
        with self._writer.reading() as connection:
            return self._outbox.batch(
                connection, self._peer, stream, first, most_facts=MAX_BATCH_FACTS, most_bytes=BATCH_BYTES
            )


class HttpPuller:
    """Fetches what headquarters has for this store and folds it, both classes side by side, on one thread."""

    def __init__(
        self,
        settings: HqLinkSettings,
        writer: Writer,
        inbox: Inbox,
        *,
        node: str = "hq",
        health: Health,
        clock: Clock,
        registry: CollectorRegistry | None = None,
    ) -> None:
        self._settings = settings
        self._writer, self._inbox = writer, inbox
        self._node = node
        self._health, self._clock = health, clock
        self._counters = ReceiverCounters(registry)
        self._on_folded: list[Callable[[], None]] = []
        self._thread = LoopThread("http-puller", [partial(self._pull_stream, stream) for stream in StreamClass])

    def on_folded(self, callback: Callable[[], None]) -> None:
        """Call ``callback`` on the puller's thread after each commit that folded something; it must not wait."""
        self._on_folded.append(callback)

    def start(self) -> None:
        """Begin to fetch."""
        self._thread.start()

    def stop(self) -> None:
        """Stop, in the middle of a long poll if need be."""
        self._thread.stop()

    async def _pull_stream(self, stream: StreamClass) -> None:
        requests = _Requests(self._settings, _POLL_TIMEOUT)
        outage = _Outage(self._health, f"headquarters.down.{stream.value}")
        ack: Ack | None = None
        try:
            while True:
                try:
                    if ack is None:
                        ack = await asyncio.to_thread(self._position, stream)
                    ack = await self._pull(requests, stream, ack)
                except Exception as error:  # noqa: BLE001 - whatever it is, nothing was acknowledged
                    ack = None
                    await outage.failed(error)
                else:
                    outage.over()
        finally:
            await requests.close()

    async def _pull(self, requests: _Requests, stream: StreamClass, ack: Ack) -> Ack:
        response = await requests.post(f"/v1/down/{stream.value}", encode(ack))
        if response.status_code == httpx.codes.NO_CONTENT:
            # Written down, not remembered: whoever needs to hear something again puts the position back.
            return await asyncio.to_thread(self._position, stream)
        batch = decode_batch(response.content)
        origin = Origin(self._node, stream, batch.epoch)
        receipt = await self._writer.arun(lambda c: self._inbox.take(c, origin, [batch]))
        self._counters.add(origin, receipt)
        if receipt.folded:
            for callback in self._on_folded:
                callback()
        elif receipt.ack == ack:
            await asyncio.sleep(1.0)  # the answer brought nothing new: not again at once
        return receipt.ack

    def _position(self, stream: StreamClass) -> Ack:
        with self._writer.reading() as connection:
            for node, known, ack in newest_acks(connection):
                if (node, known) == (self._node, stream):
                    return ack
        return Ack(epoch=NO_EPOCH, upto=0)
