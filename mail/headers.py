"""Header lines that no value can break, and the policy for those that the e-mail library writes.

A person's name may hold anything. Line breaks and control characters go, what is not plain ASCII becomes encoded words
(RFC 2047), and a line is never longer than the 998 characters that a server must take (RFC 5322 section 2.1.1).
"""

import re
import unicodedata
from email.charset import Charset
from email.header import Header
from email.headerregistry import Address
from email.policy import EmailPolicy
from email.utils import parseaddr
from functools import lru_cache

PLAIN_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+/?^_`{|}~ -]+")
PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@[A-Za-z0-9.-]+")
LONGEST_LINE = 998
LONGEST_ENCODED_LINE = 74
"""With the colon and the space 76 characters, which a line with an encoded word may have (RFC 2047 section 2)."""
UTF_8 = Charset("utf-8")


class NoAddress(ValueError):
    """No server takes a message for this address."""


class WholeHeaders(EmailPolicy):
    """Leaves plain `List-…` headers on one line.

    The library would hide a long address in encoded words, where no mail program finds it (RFC 2369 section 2).
    """

    def fold_binary(self, name: str, value: str) -> bytes:
        line = f"{name}: {value}{self.linesep}"
        if name.lower().startswith("list-") and line.isascii() and len(line) <= LONGEST_LINE:
            return line.encode()
        return super().fold_binary(name, value)


POLICY = WholeHeaders(linesep="\r\n", cte_type="7bit")


def one_line(text: str) -> str:
    """`text` without line breaks and control characters, each run of spaces as one."""
    words = " ".join(text.split())
    return words if words.isprintable() else "".join(c for c in words if unicodedata.category(c) not in {"Cc", "Cs"})


@lru_cache(maxsize=256)
def line(name: str, value: str) -> bytes:
    """An unstructured header, such as Subject, whatever `value` is."""
    value = one_line(value)
    if _is_plain(value) and len(name) + len(value) < LONGEST_LINE - 4:
        return f"{name}: {value}\r\n".encode()
    return f"{name}: {_encoded(value, name)}\r\n".encode()


def to(name: str, address: str) -> bytes:
    """The To header of one person. Raises NoAddress."""
    name = one_line(name)
    if not PLAIN_ADDRESS.fullmatch(address):
        _check(address)
    if not name:
        return f"To: {address}\r\n".encode()
    if not _is_plain(name):
        return f"To: {_encoded(name, 'To')}\r\n <{address}>\r\n".encode()
    if not PLAIN_NAME.fullmatch(name):
        name = '"{}"'.format(re.sub(r'(["\\])', r"\\\1", name))
    return f"To: {name}\r\n <{address}>\r\n".encode() if len(name) > 60 else f"To: {name} <{address}>\r\n".encode()


def sender(text: str) -> Address:
    """`Name <address>` for the library's From header."""
    name, address = parseaddr(text)
    return Address(name, addr_spec=address)


def _is_plain(text: str) -> bool:
    return text.isascii() and "=?" not in text


def _encoded(text: str, name: str) -> str:
    word = UTF_8.header_encode(text)
    if len(name) + len(word) < LONGEST_ENCODED_LINE and text.strip() == text:
        return word
    return Header(text, "utf-8", header_name=name).encode(linesep="\r\n")


def _check(address: str) -> None:
    try:
        Address(addr_spec=address)
    except Exception as error:
        raise NoAddress("no address") from error
    if not address.isascii() or not address.isprintable() or " " in address:
        raise NoAddress("no address")
