"""A name server on this machine that knows what a test writes into its zone, and can fall silent."""

import socket
from threading import Thread

import dns.flags
import dns.message
import dns.rcode
import dns.resolver
import dns.rrset


class NameServer:
    """`zone` maps (name, type) to records; a name without any does not exist; names in `silent` get no answer."""

    def __init__(self):
        self.zone: dict[tuple[str, str], list[str]] = {}
        self.silent: set[str] = set()
        self.asked: list[str] = []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        Thread(target=self._serve, daemon=True).start()

    @property
    def resolver(self) -> dns.resolver.Resolver:
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = ["127.0.0.1"], self.socket.getsockname()[1]
        return resolver

    def text(self, name: str, *values: str) -> None:
        """TXT records, in pieces of 200 characters."""
        pieces = [" ".join(f'"{one[at : at + 200]}"' for at in range(0, len(one), 200)) for one in values]
        self.zone[name, "TXT"] = pieces

    def close(self) -> None:
        self.socket.close()

    def _serve(self) -> None:
        while True:
            try:
                packet, client = self.socket.recvfrom(2048)
            except OSError:
                return
            query = dns.message.from_wire(packet)
            answer = self._answer(query)
            if answer:
                self.socket.sendto(answer.to_wire(), client)

    def _answer(self, query: dns.message.Message) -> dns.message.Message | None:
        question = query.question[0]
        name, kind = question.name.to_text(omit_final_dot=True).lower(), dns.rdatatype.to_text(question.rdtype)
        self.asked.append(f"{name} {kind}")
        if name in self.silent or "*" in self.silent:
            return None
        answer = dns.message.make_response(query, recursion_available=True)
        if records := self.zone.get((name, kind)):
            answer.answer.append(dns.rrset.from_text(question.name, 300, "IN", kind, *records))
        elif not any(known == name for known, _kind in self.zone):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        return answer
