"""Tables as other people's programs write them: which letters the bytes are, and what stands between the columns.

UTF-8 and UTF-16 (what Excel calls "Unicode text"), and the older Windows-1252, Latin-9 and Mac Roman, which are told
apart by which of them makes words of the signs that differ; commas, semicolons or tabs. Which columns there must be,
and what is wrong in a row, is said by who reads the list.
"""

import codecs
import re
import unicodedata

NO_TEXT = re.compile(r"[\x00-\x08\x0e-\x1f\ufffe\uffff]")
"""Signs that pictures and spreadsheets have and text has not."""
MARKS = [
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
]  # fmt: skip
OLD = ("cp1252", "iso8859-15", "mac-roman")


def is_text(text: str) -> bool:
    return not NO_TEXT.search(text)


def delimiter_of(heading: str) -> str:
    """What stands between the columns of a table with this first line."""
    return max(",;\t", key=heading.count)


def decoded(content: bytes) -> str:
    """The file as text; a letter that cannot be read stays as a question mark in a box, to be refused in its row."""
    return content.decode(encoding_of(content), errors="replace").removeprefix("\ufeff")


def encoding_of(content: bytes) -> str:
    """Which letters the bytes are, by Python's name. A file cut off within a letter is still UTF-8."""
    for mark, encoding in MARKS:
        if content.startswith(mark):
            return encoding
    if content[:400].count(0) > len(content[:400]) // 3:  # every second byte of plain letters in UTF-16
        return "utf-16-be" if content[:1] == b"\0" else "utf-16-le"
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(content)
    except UnicodeDecodeError:
        text = ""
    is_cut = len(text.encode()) < len(content)
    if text and not (is_cut and text.isascii()) or not content:
        return "utf-8"
    return max(OLD, key=lambda one: _likeness(content.decode(one, errors="replace")))


def _likeness(text: str) -> int:
    """How much the signs beyond ASCII look like what people here write: accents first, then quotation marks."""
    return sum(_weight(sign) for sign in text if not sign.isascii())


def _weight(sign: str) -> int:
    if sign in "àèéìòùÀÈÉÌÒÙ":
        return 4
    if sign in "’“”‘–—…€°«»ªº":
        return 3
    return 1 if unicodedata.category(sign) in {"Ll", "Lu"} else -4
