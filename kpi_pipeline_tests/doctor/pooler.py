"""A pooler in transaction mode, in the few lines that show what it does to sessions.

It speaks PostgreSQL's protocol without reading more of it than it must: the startup, each
message's end, and whether the server says that it is idle. A server session is lent to a client
from its first message to the end of its transaction, the one last given back first.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from kpi_pipeline_tests.doctor.server import Server

HEADER = 5
IDLE = b"I"
CANCEL_OR_TLS = 80877102


class Pooler:
    """Lends two server sessions to any number of clients."""

    def __init__(self, server: Server) -> None:
        self.greeting = b""
        self.sessions = [self._connect(server) for _ in range(2)]
        self.free = list(self.sessions)
        self.lent = threading.Condition()
        self.door = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.door.getsockname()[1])
        self.threads = [threading.Thread(target=self._accept)]
        self.threads[0].start()

    def _connect(self, server: Server) -> socket.socket:
        session = socket.create_connection(("127.0.0.1", server.port))
        words = b"\x00".join([b"user", b"postgres", b"database", b"postgres", b"", b""])
        session.sendall((len(words) + 8).to_bytes(4) + (196608).to_bytes(4) + words)
        self.greeting, _ = _until_ready(session)
        return session

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self.door.accept()
                self.threads.append(threading.Thread(target=self._serve, args=(client,)))
                self.threads[-1].start()

    def _serve(self, client: socket.socket) -> None:
        with suppress(OSError, EOFError), client:
            while True:
                length = int.from_bytes(_exactly(client, 4))
                start = _exactly(client, length - 4)
                if int.from_bytes(start[:4]) not in {CANCEL_OR_TLS + 1, CANCEL_OR_TLS + 2}:
                    break
                client.sendall(b"N")
            client.sendall(self.greeting)
            while True:
                self._one_transaction(client)

    def _one_transaction(self, client: socket.socket) -> None:
        message = _message(client)
        with self.lent:
            self.lent.wait_for(lambda: self.free)
            session = self.free.pop()
        state = b"T"
        while state != IDLE:
            session.sendall(message)
            if message[:1] in {b"Q", b"S"}:
                answer, state = _until_ready(session)
                client.sendall(answer)
            if state != IDLE:
                message = _message(client)
        with self.lent:
            self.free.append(session)
            self.lent.notify()

    def close(self) -> None:
        """Close the door and every session, and wait until nobody is served."""
        for opened in (self.door, *self.sessions):
            opened.shutdown(socket.SHUT_RDWR)
            opened.close()
        for thread in self.threads:
            thread.join(10)


@contextmanager
def transaction_pooler(server: Server) -> Iterator[Pooler]:
    """A pooler in front of the server."""
    pooler = Pooler(server)
    try:
        yield pooler
    finally:
        pooler.close()


def _until_ready(session: socket.socket) -> tuple[bytes, bytes]:
    """All messages up to ReadyForQuery, and the state that it tells."""
    answer = b""
    while True:
        message = _message(session)
        answer += message
        if message[:1] == b"Z":
            return answer, message[HEADER:]


def _message(peer: socket.socket) -> bytes:
    head = _exactly(peer, HEADER)
    return head + _exactly(peer, int.from_bytes(head[1:]) - 4)


def _exactly(peer: socket.socket, size: int) -> bytes:
    found = b""
    while len(found) < size:
        part = peer.recv(size - len(found))
        if not part:
            raise EOFError
        found += part
    return found
