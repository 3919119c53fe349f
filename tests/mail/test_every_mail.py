"""Every kind of e-mail in every language: its headers, its HTML, and that the text part carries all that matters."""

import re
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import html5lib
import pytest
from django.conf import settings
from django.utils import timezone

from mail.composing import compose
from tests.every_mail import EVERY, NEWSLETTER, delivered, parsed

pytestmark = pytest.mark.django_db
FORBIDDEN = {"script", "link", "iframe", "object", "embed", "form", "input", "base", "video", "audio", "svg"}
NUMBER = re.compile(r"\d[\d.,:/]*\d|\d")


@pytest.fixture(params=EVERY, ids="-".join)
def copy(request, programme):
    delivery = delivered(*request.param, programme)
    delivery.mail = parsed(delivery)
    delivery.html = delivery.mail.get_body(("html",)).get_content()
    delivery.text = delivery.mail.get_body(("plain",)).get_content()
    delivery.tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(delivery.html)
    return delivery


def everything(tree, *names):
    """The elements of these names, in order; comments have none."""
    return [node for node in tree.iter() if isinstance(node.tag, str) and (not names or node.tag in names)]


def words(node) -> str:
    """What is read there, without comments."""
    said = [node.text or ""]
    for child in node:
        said += [words(child) if isinstance(child.tag, str) else "", child.tail or ""]
    return " ".join("".join(said).split())


def test_headers_are_right(copy):
    mail, is_newsletter = copy.mail, copy.message.kind == NEWSLETTER
    assert mail["Message-ID"] == copy.mail_id
    assert re.fullmatch(rf"<[^@<> ]+@{settings.SITE_HOST}>", mail["Message-ID"])
    assert abs(parsedate_to_datetime(mail["Date"]) - timezone.now()).total_seconds() < 300
    assert mail["From"].addresses[0].addr_spec in settings.DEFAULT_FROM_EMAIL
    assert [one.addr_spec for one in mail["To"].addresses] == [copy.email]
    assert mail["To"].addresses[0].display_name == copy.name
    assert 0 < len(mail["Subject"]) < 120
    assert mail["MIME-Version"] == "1.0"
    if is_newsletter:
        assert mail["Precedence"] == "bulk"
        assert re.fullmatch(r"<[\w.-]+>", mail["List-Id"])
        address = mail["List-Unsubscribe"].strip("<>")
        assert address.startswith(settings.SITE_URL)
        assert copy.personal["token"] in address
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    else:
        assert mail["Auto-Submitted"] == "auto-generated"
        assert mail["List-Unsubscribe"] is None
    assert len({name.lower() for name in mail}) == len(mail), "a header that stands there twice"


def test_bytes_are_what_every_server_takes(copy):
    content = compose(copy)
    head = content.partition(b"\r\n\r\n")[0]
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert b"\r" not in content.replace(b"\r\n", b"")
    assert max(map(len, content.split(b"\r\n"))) <= 998
    assert head.isascii()
    assert not re.search(rb"(?m)^[A-Za-z-]+:\s*$", head), "a header that begins on an empty line"
    assert len(content) < 100_000


def test_html_is_right_and_can_be_read_aloud(copy):
    tree = copy.tree
    root = tree if tree.tag == "html" else tree.find("html")
    assert root.get("lang") == copy.message.language
    assert words(root.find("head/title"))
    assert len(everything(tree, "h1")) == 1
    levels = [int(node.tag[1]) for node in everything(tree, "h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in zip(levels, levels[1:], strict=False)), levels
    for table in everything(tree, "table"):
        assert table.get("role") == "presentation" or everything(table, "th"), "a table for the eyes says so"
    for image in everything(tree, "img"):
        assert image.get("alt") is not None
    for link in everything(tree, "a"):
        assert words(link) or any(image.get("alt") for image in everything(link, "img")), link.get("href")


def test_html_asks_nobody_else_for_anything(copy):
    own = (settings.SITE_URL + "/", "cid:", "data:image/")
    assert {node.tag for node in everything(copy.tree)} & FORBIDDEN == set()
    for node in everything(copy.tree):
        assert not [name for name in node.attrib if name.startswith("on")]
        for attribute in ("src", "background", "poster", "srcset"):
            assert node.get(attribute, own[0]).startswith(own), node.get(attribute)
        assert "url(" not in node.get("style", "") + (node.text or "" if node.tag == "style" else "")
    for link in everything(copy.tree, "a"):
        assert urlsplit(link.get("href")).scheme in {"http", "https", "mailto", "tel"}, link.get("href")


def test_text_carries_all_that_matters(copy):
    for link in everything(copy.tree, "a"):
        address = link.get("href").removeprefix("mailto:").removeprefix("tel:")
        without_mark = re.sub(r"\?n=[\w-]+$", "", address)  # by which visits are counted
        assert address in copy.text or without_mark in copy.text, "a link that the text does not have"
    body = next(iter(everything(copy.tree, "body")))
    numbers = set(NUMBER.findall(words(body)))
    assert numbers - set(NUMBER.findall(copy.text)) == set()
    for image in everything(copy.tree, "img"):
        is_ticket = image.get("src").startswith("cid:")  # the address that it holds is there as a link
        assert is_ticket or image.get("alt") in copy.text
    headings = [words(node).lower() for node in everything(copy.tree, "h1", "h2", "h3")]
    text = " ".join(f"{copy.mail['Subject']} {copy.text}".split()).lower()
    assert [one for one in headings if one not in text] == []


def test_no_place_and_no_template_is_left_open(copy):
    for part in (copy.html, copy.text, copy.mail["Subject"]):
        assert not re.search(r"%%|\{\{|\{%|\[\[|None\b", part)
