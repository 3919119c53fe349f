"""A mail server that takes everything and writes down what it took: `python sink.py PORT LOG [MILLISECONDS]`.

One line a message it accepted, written before it says so: when, by which connection, Message-ID, recipient. What breaks
off before the last dot was not accepted and is not in the log (RFC 5321 section 4.1.1.4). With MILLISECONDS it takes
about that long, at random, between accepting a message and saying so, as a busy relay does. Standard library only.
"""

import asyncio
import os
import random
import re
import sys
import time
from itertools import count

END = b"\r\n.\r\n"
MESSAGE_ID = re.compile(rb"^Message-ID:\s*(<[^>\s]+>)", re.I | re.M)
ANSWERS = {
    b"EHLO": b"250-sink\r\n250-8BITMIME\r\n250-PIPELINING\r\n250 SIZE 50000000\r\n",
    b"DATA": b"354 go on\r\n",
    b"QUIT": b"221 bye\r\n",
}


class Session(asyncio.Protocol):
    """One connection. What comes in while an answer is held back waits in the buffer."""

    numbers = count(1)

    def __init__(self, log: int, milliseconds: float):
        self.log, self.seconds = log, milliseconds / 1000
        self.buffer, self.looked_at = bytearray(), 0
        self.recipient, self.is_in_body, self.is_held = b"", False, False

    def connection_made(self, transport) -> None:
        self.transport, self.number = transport, next(self.numbers)
        transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        self._go_on()

    def _go_on(self) -> None:
        while self.buffer and not self.is_held:
            if not (self._take_body() if self.is_in_body else self._take_line()):
                return

    def _take_line(self) -> bool:
        end = self.buffer.find(b"\r\n")
        if end < 0:
            return False
        line = bytes(self.buffer[:end])
        del self.buffer[: end + 2]
        verb = line[:4].upper()
        if verb == b"RCPT":
            self.recipient = line[line.find(b"<") + 1 : line.find(b">")]
        self.is_in_body, self.looked_at = verb == b"DATA", 0
        self.transport.write(ANSWERS.get(verb, b"250 fine\r\n"))
        return True

    def _take_body(self) -> bool:
        end = self.buffer.find(END, max(0, self.looked_at - len(END)))
        if end < 0:
            self.looked_at = len(self.buffer)
            return False
        named = MESSAGE_ID.search(self.buffer, 0, end)
        name = named.group(1) if named else b"-"
        del self.buffer[: end + len(END)]
        os.write(self.log, b"%.6f\t%d\t%s\t%s\n" % (time.time(), self.number, name, self.recipient))
        self.is_in_body = False
        if self.seconds:
            self.is_held = True
            asyncio.get_running_loop().call_later(random.uniform(0, 2 * self.seconds), self._say_taken)  # noqa: S311
        else:
            self.transport.write(b"250 taken\r\n")
        return True

    def _say_taken(self) -> None:
        self.is_held = False
        self.transport.write(b"250 taken\r\n")
        self._go_on()


async def serve(port: int, path: str, milliseconds: float) -> None:
    log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Session(log, milliseconds), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), sys.argv[2], float((sys.argv[3:] or ["0"])[0])))
