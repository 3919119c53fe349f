"""Checks a register of Convivio (XLSX) with Python alone: nothing of the program that made it, no network.

    python check_register.py register.xlsx [--head HEAD]

Exit 0 and "OK" when the chain of hashes and the sheets are as they were sealed; else 1 and the first link that is not.
With --head, the head that somebody else keeps (the one on the PDF, on paper, at the authority) must be the register's:
without it, only that the file agrees with itself is known. What is hashed and how: evidence.md.
"""

import argparse
import hashlib
import json
import re
import sys
import zipfile
from xml.etree import ElementTree

FORMAT = "convivio.register.1"
REGISTER, FACTS, CORRECTIONS, FILES, HOW = range(5)
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


class Broken(Exception):
    pass


def sheets(path):
    """The rows of each sheet, cells as text, in the workbook's own order."""
    with zipfile.ZipFile(path) as book:
        names = set(book.namelist())
        shared = []
        if "xl/sharedStrings.xml" in names:
            shared = [text_of(one) for one in ElementTree.fromstring(book.read("xl/sharedStrings.xml"))]
        relations = ElementTree.fromstring(book.read("xl/_rels/workbook.xml.rels"))
        targets = {one.get("Id"): one.get("Target").lstrip("/").removeprefix("xl/") for one in relations}
        workbook = ElementTree.fromstring(book.read("xl/workbook.xml"))
        parts = [f"xl/{targets[one.get(RELATION)]}" for one in workbook.iter(f"{MAIN}sheet")]
        return [rows(ElementTree.fromstring(book.read(part)), shared) for part in parts]


def rows(sheet, shared):
    found = []
    for row in sheet.iter(f"{MAIN}row"):
        cells = []
        for place, cell in enumerate(row.iter(f"{MAIN}c")):
            column = column_of(cell.get("r")) if cell.get("r") else place
            cells += [""] * (column - len(cells)) + [value(cell, shared)]
        while cells and cells[-1] == "":
            cells.pop()
        if cells:
            found.append(cells)
    return found


def column_of(reference):
    number = 0
    for letter in re.match("[A-Z]+", reference).group():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def value(cell, shared):
    if cell.find(f"{MAIN}f") is not None:
        raise Broken(f"there is a formula in {cell.get('r', 'a cell')}: a register has none")
    if cell.get("t") == "inlineStr":
        return text_of(cell.find(f"{MAIN}is"))
    written = cell.findtext(f"{MAIN}v") or ""
    return shared[int(written)] if cell.get("t") == "s" else written


def text_of(element):
    """Without what only says how a word is pronounced."""
    if element is None:
        return ""
    return "".join(part.text or "" for child in element for part in child.iter(f"{MAIN}t") if child.tag != f"{MAIN}rPh")


def line(values):
    return json.dumps(values, ensure_ascii=True, separators=(",", ":"))


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def digest(table):
    return sha256("".join(f"{line(row)}\n" for row in table))


def check(path, head=None):
    """The head of the register; raises Broken with the first thing that is not as it was sealed."""
    book = sheets(path)
    if len(book) != HOW + 1:
        raise Broken(f"a register has {HOW + 1} sheets, this file has {len(book)}")
    uid = next((cell for row in book[HOW] for cell in row if re.fullmatch(r"event-\d+", cell)), None)
    if uid is None:
        raise Broken("the last sheet does not say what the chain begins with")
    now = sha256(line([FORMAT, uid]))
    if len(book[FACTS]) < 2:
        raise Broken("there is no fact")
    for number, row in enumerate(book[FACTS][1:], start=1):
        if row[0] != str(number) or len(row) < 2:
            raise Broken(f"link {number} is not where it was: a row was removed, added or moved")
        now = sha256(now + row[-2])
        if now != row[-1]:
            raise Broken(f"link {number} is not what it was: {row[-2]}")
    kind, number, _made_at, _by, count, digests = json.loads(row[-2])
    if kind != "register" or count != sum(not one[-2].startswith('["register",') for one in book[FACTS][1:]):
        raise Broken("the last link is not the register's: rows were removed or added")
    whole = [book[REGISTER], book[FACTS][:-1], book[CORRECTIONS], book[FILES]]
    for place, (table, sealed) in enumerate(zip(whole, digests, strict=True), start=1):
        if digest(table) != sealed:
            raise Broken(f"sheet {place} is not what it was")
    if head and head.strip().lower() != now:
        raise Broken(f"the head is {now}, not the one you gave: it is another register, or all of it was made anew")
    return number, now


def main():
    parser = argparse.ArgumentParser(description="Checks a register of Convivio (XLSX).")
    parser.add_argument("file")
    parser.add_argument("--head", help="the head of the chain that somebody else keeps")
    options = parser.parse_args()
    try:
        number, head = check(options.file, options.head)
    except (Broken, OSError, KeyError, ValueError, IndexError, TypeError, AttributeError) as error:
        print(f"BROKEN: {error}")
        return 1
    except (zipfile.BadZipFile, ElementTree.ParseError):
        print("BROKEN: this is no workbook")
        return 1
    print(f"OK: register no. {number}, head {head}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
