"""Pictures for newsletters: taken in once, safe and small, and put into each mail so that nothing jumps or is missing.

An upload is read by Pillow, turned upright, made at most 1,200 pixels wide and written anew: what a camera hid in it
(place, time, names) does not travel. Whoever uploads says in words what it shows. A mail names its pictures by their
address on this site, or carries them inside (`embed`), once a message and not once a reader.
"""

import io
import re
from pathlib import PurePosixPath

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q
from django.template.defaultfilters import filesizeformat
from django.utils.text import slugify
from django.utils.translation import gettext as _
from PIL import Image, ImageCms, ImageOps

from accounts.models import User
from core import markdown
from core.names import one_line
from core.tokens import readable_code
from mail.services.outbox import Attachment
from newsletters.models import Newsletter, Picture
from newsletters.services import NewsletterError
from programmes.models import Programme

FORMATS = ["JPEG", "PNG", "WEBP"]
LARGEST_UPLOAD = 10 * 1024 * 1024
MOST_PIXELS = 50_000_000
WIDEST = 1200
WIDTH_IN_MAIL = 560
HEAVIEST_INSIDE = 1024 * 1024
"""Bytes of all pictures that travel inside one mail: it goes to everybody, and large mails are refused."""
NAMED = 5
"""So many of the newsletters that show a picture are named."""
FOLDERS = ("newsletters", "organisations", "programmes")
"""Where what may stand in a mail lies: pictures, and logos."""
_own_image = re.compile(
    rf'src="(?:{re.escape(settings.SITE_URL)})?{settings.MEDIA_URL}((?:{"|".join(FOLDERS)})/[^"?#]+)"'
)


@transaction.atomic
def add(*, programme: Programme, upload: UploadedFile, alternative: str, by: User) -> Picture:
    """Keep a picture. Errors `without_words`, `too_large`, `not_a_picture`, `too_many_pixels`."""
    words = one_line(alternative)
    if not words:
        message = _("Say what the image shows, for who does not see it.")
        raise NewsletterError("without_words", message, {"alternative": message})
    if upload.size > LARGEST_UPLOAD:
        raise _refused("too_large", _("This file is larger than 10 MB: make it smaller first."))
    content, ending, size = _made_anew(upload)
    picture = Picture(programme=programme, alternative=words[:250], uploaded_by=by)
    name = f"{slugify(words)[:40].strip('-') or 'immagine'}-{readable_code(10).lower()}.{ending}"
    picture.file.save(name, ContentFile(content), save=False)
    picture.width, picture.height = size
    picture.save()
    return picture


@transaction.atomic
def remove(*, picture: Picture) -> None:
    """Throw a picture away, with its file. Error `in_use` while it stands in a newsletter, or in mails that have left:
    they ask this site for it."""
    kept = Picture.objects.select_for_update().get(pk=picture.pk)
    name = kept.file.name
    shows_it = Q(body__contains=name) | Q(mailing__messages__html__contains=name)
    users = Newsletter.objects.filter(shows_it, programme=kept.programme_id).distinct()
    if subjects := [f"“{newsletter.title}”" for newsletter in users.only("subject")[:NAMED]]:
        message = _("This picture stands in %(newsletters)s: it cannot be deleted.")
        raise NewsletterError("in_use", message % {"newsletters": ", ".join(subjects)})
    kept.delete()
    transaction.on_commit(lambda: default_storage.delete(name))


def _refused(code: str, message: str) -> NewsletterError:
    return NewsletterError(code, message, {"file": message})


def _made_anew(upload: UploadedFile) -> tuple[bytes, str, tuple[int, int]]:
    """The picture's own pixels and nothing else, with how the file's name ends."""
    try:
        with Image.open(upload, formats=FORMATS) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise _refused("too_many_pixels", _("This image has too many pixels: make it smaller first."))
            opened.draft("RGB", (WIDEST * 2, WIDEST * 2))
            upright = ImageOps.exif_transpose(_in_common_colours(opened))
            has_holes = upright.mode in {"RGBA", "LA", "PA"} or "transparency" in upright.info
            mode = "RGBA" if has_holes else "RGB"
            height = max(round(upright.height * WIDEST / upright.width), 1)
            small = upright.convert(mode)
            if small.width > WIDEST:
                small = small.resize((WIDEST, height), Image.Resampling.LANCZOS)
            clean = Image.new(mode, small.size)
            clean.paste(small)
            return (*_smallest(clean, may_be_jpeg=not has_holes, was_png=opened.format == "PNG"), clean.size)
    except Image.DecompressionBombError as error:
        raise _refused("too_many_pixels", _("This image has too many pixels: make it smaller first.")) from error
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise _refused("not_a_picture", _("This is not a JPEG, PNG or WebP image, or the file is damaged.")) from error


def _in_common_colours(image: Image.Image) -> Image.Image:
    """Phones write in colours of their own: without their table every mail program would show them pale."""
    profile = image.info.get("icc_profile")
    if not profile or image.mode not in {"RGB", "RGBA"}:
        return image
    orientation = image.getexif().get(0x0112)
    try:
        told = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        same = ImageCms.profileToProfile(image, told, ImageCms.createProfile("sRGB"), outputMode=image.mode)
    except ImageCms.PyCMSError:
        return image
    same.getexif()[0x0112] = orientation or 1
    return same


def _smallest(image: Image.Image, *, may_be_jpeg: bool, was_png: bool) -> tuple[bytes, str]:
    """JPEG for photographs; PNG for drawings and for what has holes, since not every mail program knows WebP."""
    written = []
    if may_be_jpeg:
        written.append((_write(image, "JPEG", quality=82, optimize=True, progressive=True), "jpg"))
    if was_png or not may_be_jpeg:
        written.append((_write(image, "PNG", optimize=True), "png"))
    return min(written, key=lambda one: len(one[0]))


def _write(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def check(newsletter: Newsletter, source: str) -> None:
    """Raises `unknown_picture` when a text shows a newsletters' picture that is not among the programme's."""
    own = f"{settings.MEDIA_URL}newsletters/"
    addresses = [address.removeprefix(settings.SITE_URL) for address, _words in markdown.images(source)]
    names = {address.removeprefix(settings.MEDIA_URL) for address in addresses if address.startswith(own)}
    known = set(
        Picture.objects.filter(programme=newsletter.programme_id, file__in=names).values_list("file", flat=True)
    )
    for name in sorted(names - known):
        message = _("There is no picture “%(address)s”: choose one from the gallery.")
        raise NewsletterError("unknown_picture", message % {"address": (settings.MEDIA_URL + name)[:120]})


def with_sizes(html: str) -> str:
    """The HTML of a mail with the width and height of our pictures, so that the text does not jump when they come."""
    sizes = {
        name: (width, height)
        for name, width, height in Picture.objects.filter(file__in=set(_own_image.findall(html))).values_list(
            "file", "width", "height"
        )
    }

    def sized(match: re.Match) -> str:
        if match.group(1) not in sizes:
            return match.group()
        width, height = sizes[match.group(1)]
        shown = min(width, WIDTH_IN_MAIL)
        return f'{match.group()} width="{shown}" height="{max(round(height * shown / width), 1)}"'

    return _own_image.sub(sized, html) if sizes else html


def embed(html: str) -> tuple[str, list[Attachment]]:
    """The HTML with the pictures of this site inside the mail (`cid:`), and the pictures. One that is gone from the
    disk stays an address."""
    inside: dict[str, Attachment] = {}
    for name in dict.fromkeys(_own_image.findall(html)):
        if ".." not in name and default_storage.exists(name):
            path = PurePosixPath(name)
            kind = {"jpg": "jpeg", "svg": "svg+xml"}.get(path.suffix[1:].lower(), path.suffix[1:].lower())
            with default_storage.open(name) as file:
                inside[name] = Attachment(path.name, file.read(), f"image/{kind}", inline_id=_content_id(name))

    def put(match: re.Match) -> str:
        name = match.group(1)
        return f'src="cid:{_content_id(name)}"' if name in inside else match.group()

    return _own_image.sub(put, html), list(inside.values())


def as_addresses(html: str) -> str:
    """What `embed` put inside, as addresses of this site again: for the web version of a mail."""
    return re.sub(
        rf'src="cid:([^"@]+)@({"|".join(FOLDERS)})"', lambda cid: f'src="{settings.MEDIA_URL}{cid[2]}/{cid[1]}"', html
    )


def check_weight(attachments: list[Attachment]) -> None:
    """Raises `pictures_too_heavy` at the field `embeds_images`."""
    weight = sum(len(attachment.content) for attachment in attachments)
    if weight > HEAVIEST_INSIDE:
        message = _(
            "The pictures weigh %(weight)s together; inside a mail at most %(most)s. Use fewer, or untick this."
        )
        message %= {"weight": filesizeformat(weight), "most": filesizeformat(HEAVIEST_INSIDE)}
        raise NewsletterError("pictures_too_heavy", message, {"embeds_images": message})


def _content_id(name: str) -> str:
    folder, _slash, rest = name.partition("/")
    return f"{rest}@{folder}"
