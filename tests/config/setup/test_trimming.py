"""Public pages load what they use of the design system, and that is light enough for a phone on the road."""

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.urls import reverse

from config.setup import trimming
from tests.make import make_event

LIGHT = 150_000
WORDS = {"btn", "btn-primary", "tone-"}


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (".btn{a:b}.card{c:d}", ".btn{a:b}"),
        (".btn.btn-primary,.btn.card{a:b}", ".btn.btn-primary{a:b}"),
        (".tone-green{a:b}", ".tone-green{a:b}"),
        ("h1,a:hover{a:b}", "h1,a:hover{a:b}"),
        (".btn:not(.disabled){a:b}", ".btn:not(.disabled){a:b}"),
        ("@media print{.card{a:b}}@media screen{.btn{a:b}}", "@media screen{.btn{a:b}}"),
        ('.btn::after{content:".card{}"}', '.btn::after{content:".card{}"}'),
        ("@font-face{src:url(a.woff2)}", "@font-face{src:url(a.woff2)}"),
    ],
)
def test_rule_stays_only_where_its_class_is_written_somewhere(text, kept):
    assert trimming.styles(text, WORDS) == kept


def test_icon_stays_only_where_it_is_named():
    sprites = f'<svg xmlns="{trimming.SVG}"><symbol id="it-clock" /><symbol id="it-link" /></svg>'
    assert trimming.icons(sprites, {"it-link"}) == f'<svg xmlns="{trimming.SVG}"><symbol id="it-link" /></svg>'


def test_trimmed_again_only_when_a_word_is_new(tmp_path, front_end, monkeypatch):
    for source, _target in (trimming.STYLES, trimming.ICONS):
        (tmp_path / source).parent.mkdir(parents=True)
        (tmp_path / source).write_text((front_end / source).read_text(encoding="utf-8"), encoding="utf-8")
    trimming.trim(tmp_path)
    written = tmp_path / trimming.STYLES[1]
    written.write_text("as it was")
    trimming.trim(tmp_path)
    assert written.read_text() == "as it was"
    words = trimming.words_of
    monkeypatch.setattr(trimming, "words_of", lambda paths: words(paths) | {"modal"})
    trimming.trim(tmp_path)
    assert ".modal" in written.read_text(encoding="utf-8")


def test_every_class_of_the_design_system_that_pages_write_is_there(front_end):
    """Compared by another reader of stylesheets: a plain search for names."""
    whole, trimmed = ((front_end / name).read_text(encoding="utf-8-sig") for name in trimming.STYLES)
    alone = re.compile(r"(?<=[{},])\.([a-zA-Z][\w-]*)(?=[{,:])")  # asked for by itself, not beside another one
    known, kept = set(alone.findall(whole)), set(alone.findall(trimmed))
    written = set()
    for path in Path(settings.BASE_DIR, "templates").rglob("*.html"):
        for value in re.findall(r'class="([^"]*)"', path.read_text(encoding="utf-8")):
            written |= set(re.sub(r"{[{%].*?[%}]}", " ", value).split())
    assert len(written & known) > 20
    assert written & known <= kept
    assert len(trimmed) < len(whole) / 4


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["events:detail", "registrations:create"])
def test_first_visit_weighs_less_than_150_kilobytes(client, programme, front_end, name):
    """The page with all that it names, compressed; the fonts of both families, though no page needs every one."""
    page = client.get(reverse(name, args=[make_event(programme).slug])).content
    names = set(re.findall(r'(?:href|src)="/static/([^"#]+)', page.decode()))
    assert "bootstrap-italia/css/public.css" in names
    fonts = {f"bootstrap-italia/fonts/{font}.woff2" for font in (
        "titillium-web-400", "titillium-web-600", "titillium-web-700", "lora-400",
    )}  # fmt: skip
    sizes = {one: len(gzip.compress(Path(finders.find(one)).read_bytes())) for one in names | fonts}
    assert sum(sizes.values()) + len(gzip.compress(page)) < LIGHT, sizes
