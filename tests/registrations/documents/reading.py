"""Reads a PDF back with other programs than the one that made it."""

import io
import resource
import shutil
import subprocess
import time
from pathlib import Path

import pikepdf
import pytest
from PIL import Image


def _poppler(program: str, *arguments: str, content: bytes) -> bytes:
    if shutil.which(program) is None:
        pytest.skip(f"{program} (poppler-utils) is not installed")
    return subprocess.run([program, *arguments], input=content, capture_output=True, check=True).stdout


def pages_of(content: bytes) -> list[str]:
    """The words of each page on one line, without places to break."""
    read = _poppler("pdftotext", "-layout", "-", "-", content=content).decode()
    return [" ".join(page.replace("\u200b", "").split()) for page in read.split("\f")[:-1]]


def picture_of(content: bytes, folder: Path, page: int = 1, dots: int = 200) -> Image.Image:
    drawn = str(folder / f"page-{page}-{dots}")
    _poppler("pdftoppm", "-r", str(dots), "-f", str(page), "-l", str(page), "-singlefile", "-png", "-", drawn,
             content=content)  # fmt: skip
    return Image.open(f"{drawn}.png")


def tags_of(content: bytes) -> list[str]:
    """What the tree of a tagged PDF says there is: `H1`, `Table`, `TR`, `TH`, …"""
    pdf = pikepdf.open(io.BytesIO(content))
    return [
        str(one.S)[1:] for one in pdf.objects if isinstance(one, pikepdf.Dictionary) and "/S" in one and "/P" in one
    ]


def check_archivable(content: bytes, title: str, language: str = "it") -> None:
    """PDF/UA-1 and PDF/A-2a, as far as the file says itself."""
    pdf = pikepdf.open(io.BytesIO(content))
    assert pdf.Root.MarkInfo.Marked
    assert str(pdf.Root.Lang) == language
    assert pdf.Root.ViewerPreferences.DisplayDocTitle
    meta = pdf.open_metadata()
    assert (meta["pdfaid:part"], meta["pdfaid:conformance"], meta["pdfuaid:part"]) == ("2", "A", "1")
    assert meta["dc:title"] == title
    figures = [one for one in pdf.objects if isinstance(one, pikepdf.Dictionary) and one.get("/S") == "/Figure"]
    assert all(str(figure.Alt) for figure in figures)


def seconds_of_work(make) -> float:
    """Seconds that processors spent on `make()`, here and in the processes it started: others may use them too."""
    before = _spent()
    make()
    return _spent() - before


def _spent() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime
