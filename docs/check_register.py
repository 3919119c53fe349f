"""Checks a register of Convivio (XLSX) with Python alone: nothing of the program that made it, no network.

    python check_register.py register.xlsx [--head HEAD] [--sha256 SHA256] [--number NUMBER]
    python check_register.py register.pdf --sha256 SHA256

The file is taken as it was sealed: any part, format or attribute that a register does not have is refused, for it could
hide something or show it otherwise. Exit 0 and "OK" when the chain of hashes and the sheets are as they were sealed;
else 1 and the first link that is not. With --head, the head that somebody else keeps (the one on the PDF, on paper, at
the authority) must be the register's: without it, only that the file agrees with itself is known. The mail of a
register says its number, its head and the SHA-256 of both files: of a PDF only the latter can be checked. What is
hashed and how: evidence.md.
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

DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
SPACE = "{http://www.w3.org/XML/1998/namespace}space"

SHARED = "xl/sharedStrings.xml"
"""Only where another program saved the file again."""
PARTS = {
    "[Content_Types].xml", "_rels/.rels", "docProps/app.xml", "docProps/core.xml", "xl/workbook.xml",
    "xl/_rels/workbook.xml.rels", "xl/styles.xml", "xl/theme/theme1.xml", SHARED,
    *(f"xl/worksheets/sheet{number}.xml" for number in range(1, HOW + 2)),
}  # fmt: skip
ROOT = {
    "officeDocument": r"xl/workbook\.xml", "core-properties": r"docProps/core\.xml",
    "extended-properties": r"docProps/app\.xml",
}  # fmt: skip
OF_BOOK = {
    "worksheet": r"xl/worksheets/sheet[1-5]\.xml", "styles": r"xl/styles\.xml", "theme": r"xl/theme/theme1\.xml",
    "sharedStrings": r"xl/sharedStrings\.xml",
}  # fmt: skip
SHEET = r"officedocument\.spreadsheetml\."
TYPES = {
    "rels": r"package\.relationships\+xml", "xml": "xml", "/xl/styles.xml": SHEET + r"styles\+xml",
    "/xl/theme/theme1.xml": r"officedocument\.theme\+xml", "/docProps/core.xml": r"package\.core-properties\+xml",
    "/docProps/app.xml": r"officedocument\.extended-properties\+xml",
    "/xl/worksheets/sheet1.xml": SHEET + r"worksheet\+xml", "/xl/workbook.xml": SHEET + r"sheet\.main\+xml",
    "/xl/sharedStrings.xml": SHEET + r"sharedStrings\+xml",
}  # fmt: skip
ANY, NUMBER, YES = r".*", r"\d+", "1"
PLAIN = {
    "worksheet": {}, "sheetPr": {}, "outlinePr": {"summaryBelow": YES, "summaryRight": YES}, "pageSetUpPr": {},
    "dimension": {"ref": ANY}, "sheetViews": {}, "sheetView": {"workbookViewId": "0", "tabSelected": "[01]"},
    "pane": {"ySplit": "1", "topLeftCell": "A2", "activePane": "bottomLeft", "state": "frozen"},
    "selection": {"pane": "bottomLeft", "activeCell": ANY, "sqref": ANY},
    "sheetFormatPr": {"baseColWidth": "8", "defaultRowHeight": "15"}, "cols": {},
    "col": {"width": r"[1-9]\d+(\.\d+)?", "customWidth": YES, "min": NUMBER, "max": NUMBER},
    "sheetData": {}, "row": {"r": NUMBER, "spans": ANY}, "c": {"r": r"[A-Z]+\d+", "s": "[01]", "t": "n|s|inlineStr"},
    "v": {}, "is": {}, "t": {},
    "pageMargins": dict.fromkeys(("left", "right", "top", "bottom", "header", "footer"), ANY),
    "sst": {"count": NUMBER, "uniqueCount": NUMBER}, "si": {},
    "workbook": {}, "workbookPr": {}, "workbookProtection": {}, "bookViews": {},
    "workbookView": {
        "visibility": "visible", "minimized": "0", "showHorizontalScroll": YES, "showVerticalScroll": YES,
        "showSheetTabs": YES, "tabRatio": "600", "firstSheet": "0", "activeTab": "[0-4]", "autoFilterDateGrouping": YES,
    },
    "sheets": {}, "sheet": {"name": ANY, "sheetId": NUMBER, "state": "visible", RELATION: ANY}, "definedNames": {},
    "calcPr": {"calcId": NUMBER, "fullCalcOnLoad": YES},
    "styleSheet": {}, "numFmts": {"count": "0"}, "fonts": {"count": NUMBER}, "font": {}, "name": {"val": "Calibri"},
    "family": {"val": "2"}, "color": {"theme": "1"}, "sz": {"val": "11"}, "scheme": {"val": "minor"}, "b": {"val": YES},
    "fills": {"count": NUMBER}, "fill": {}, "patternFill": {"patternType": "none|gray125"},
    "borders": {"count": NUMBER},
    "border": {}, "left": {}, "right": {}, "top": {}, "bottom": {}, "diagonal": {}, "cellStyleXfs": {"count": NUMBER},
    "cellXfs": {"count": NUMBER},
    "xf": {
        "numFmtId": "0", "fontId": NUMBER, "fillId": "0", "borderId": "0", "pivotButton": "0", "quotePrefix": "0",
        "xfId": "0",
    },
    "cellStyles": {"count": NUMBER},
    "cellStyle": {"name": "Normal", "xfId": "0", "builtinId": "0", "hidden": "0"},
    "tableStyles": {"count": "0", "defaultTableStyle": ANY, "defaultPivotStyle": ANY},
    "colors": {}, "indexedColors": {}, "rgbColor": {"rgb": ANY},
}  # fmt: skip
"""Whatever stands in sheets, workbook and styles of a register: each element with its attributes and their values."""


class Broken(Exception):
    pass


def sheets(path):
    """The rows of each sheet, cells as text, in the workbook's own order."""
    with zipfile.ZipFile(path) as book:
        names = book.namelist()
        strange = (set(names) ^ PARTS) - {SHARED}
        if strange or len(names) != len(set(names)):
            raise Broken(f"a register has other parts: {', '.join(sorted(strange)) or 'one of them is there twice'}")
        if "xl/workbook.xml" not in relations(book, "_rels/.rels", "", ROOT).values():
            raise Broken("it does not say where the workbook is")
        targets = relations(book, "xl/_rels/workbook.xml.rels", "xl", OF_BOOK)
        check_types(book)
        colour = next(plain_tree(book, "xl/theme/theme1.xml").iter(f"{DRAWING}dk1"))
        if [one.get("val") for one in colour] not in (["windowText"], ["000000"]):
            raise Broken("its letters are not black")
        only_plain(plain_tree(book, "xl/styles.xml"))
        shared = []
        if SHARED in names:
            shared = [text_of(one) for one in only_plain(plain_tree(book, SHARED))]
        workbook = only_plain(plain_tree(book, "xl/workbook.xml"))
        parts = [targets[one.get(RELATION)] for one in workbook.iter(f"{MAIN}sheet")]
        if len(parts) != len(set(parts)):
            raise Broken("a sheet is there twice")
        return [rows(only_plain(plain_tree(book, part)), shared) for part in parts]


def plain_tree(book, part):
    content = book.read(part)
    if b"<!" in content or b"\0" in content:
        raise Broken(f"{part} holds more than a register has")
    return ElementTree.fromstring(content)


def relations(book, part, folder, wanted):
    """Where each relation of a part leads, by its name: only to what `wanted` says of its kind."""
    found = {}
    for one in plain_tree(book, part):
        target, kind = one.get("Target"), one.get("Type").rpartition("/")[2]
        leads_to = target[1:] if target.startswith("/") else f"{folder}/{target}".lstrip("/")
        is_outside = one.get("TargetMode", "Internal") != "Internal"
        if is_outside or one.get("Id") in found or not re.fullmatch(wanted.get(kind, "-"), leads_to):
            raise Broken(f"{part} leads to {target}: in a register it does not")
        found[one.get("Id")] = leads_to
    if len(found) != len(set(found.values())):
        raise Broken(f"{part} leads twice to the same part")
    return found


def check_types(book):
    """Each part is what its name says."""
    seen = set()
    for one in plain_tree(book, "[Content_Types].xml"):
        name = one.get("PartName", one.get("Extension"))
        kind = one.get("ContentType").rpartition("/")[2].removeprefix("vnd.openxmlformats-")
        if name in seen or not re.fullmatch(TYPES.get(re.sub(r"sheet\d", "sheet1", name), "-"), kind):
            raise Broken(f"{name} is not what a register has there")
        seen.add(name)


def only_plain(tree):
    """`tree`, when it has only what a register has: nothing that hides, colours, formats or covers a cell."""
    for one in tree.iter():
        tag = one.tag.removeprefix(MAIN)
        if tag == "f":
            raise Broken("there is a formula: a register has none")
        if tag not in PLAIN:
            raise Broken(f"there is “{tag}”, which no register has")
        for name, written in one.attrib.items():
            if not re.fullmatch(PLAIN[tag].get(name, ANY if name == SPACE else "-"), written):
                raise Broken(f"there is {tag} with {name.rpartition('}')[2]}={written!r}, which no register has")
    return tree


def rows(sheet, shared):
    found, last = [], 0
    for row in sheet.iter(f"{MAIN}row"):
        number = int(row.get("r", last + 1))
        if number <= last:
            raise Broken(f"row {number} is there twice, or out of its place")
        cells, last = [], number
        for place, cell in enumerate(row.iter(f"{MAIN}c")):
            written = cell.get("r")
            column = column_of(written) if written else place
            if column < len(cells) or (written and not written.endswith(str(number))):
                raise Broken(f"cell {written} is there twice, or out of its place")
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
    if cell.get("t") == "inlineStr":
        return text_of(cell.find(f"{MAIN}is"))
    written = cell.findtext(f"{MAIN}v") or ""
    return shared[int(written)] if cell.get("t") == "s" else written


def text_of(element):
    return "" if element is None else "".join(part.text or "" for part in element)


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
    for place, (table, sealed) in enumerate(zip(whole, digests[: len(whole)], strict=True), start=1):
        if digest(table) != sealed:
            raise Broken(f"sheet {place} is not what it was")
    if head and kept(head) != now:
        raise Broken(f"the head is {now}, not the one you gave: it is another register, or all of it was made anew")
    return number, now


def kept(words):
    """A head or a fingerprint as it is written here: spaces, line breaks and capitals do not matter."""
    return "".join(sign for sign in words.lower() if sign.isalnum())


def check_file(path, given):
    """Whether the file itself is the one of which somebody keeps the SHA-256; says if it is a PDF."""
    with open(path, "rb") as file:
        content = file.read()
    found = hashlib.sha256(content).hexdigest()
    if given and kept(given) != found:
        raise Broken(f"the SHA-256 of this file is {found}, not the one you gave")
    return content.startswith(b"%PDF-")


def told(options):
    """What is known of the file, in words; raises Broken."""
    if check_file(options.file, options.sha256):
        if not options.sha256 or options.head or options.number:
            raise Broken("of a PDF only the SHA-256 can be checked: give that one alone, with --sha256")
        return "this PDF is the one that was sealed"
    number, head = check(options.file, options.head)
    if options.number not in (None, number):
        raise Broken(f"this is register no. {number}, not no. {options.number}")
    return f"register no. {number}, head {head}"


def main():
    parser = argparse.ArgumentParser(description="Checks a register of Convivio (XLSX, or PDF by its SHA-256).")
    parser.add_argument("file")
    parser.add_argument("--head", help="the head of the chain that somebody else keeps")
    parser.add_argument("--sha256", help="the SHA-256 of this file that somebody else keeps")
    parser.add_argument("--number", type=int, help="the number that the register must have")
    options = parser.parse_args()
    try:
        words = told(options)
    except (Broken, OSError, KeyError, ValueError, IndexError, TypeError, AttributeError) as error:
        print(f"BROKEN: {error}")
        return 1
    except (zipfile.BadZipFile, ElementTree.ParseError, StopIteration, NotImplementedError, RuntimeError):
        print("BROKEN: this is no workbook")
        return 1
    print(f"OK: {words}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
