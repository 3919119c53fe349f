"""A picture comes in safe, small and described, and goes into a mail with its size, or inside it."""

import io

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from PIL import Image

from mail.composing import compose as as_bytes
from mail.models import Delivery
from newsletters.models import Newsletter, Picture
from newsletters.services import NewsletterError, composing, pictures, scheduling, sending, writing
from newsletters.services.audiences import Audience
from tests.make import both, make_image, make_newsletter, make_picture, make_programme, make_subscription


def add(programme, cast, content, alternative="Un tavolo a Pisa", name="IMG_0001.jpg"):
    return pictures.add(
        programme=programme, upload=SimpleUploadedFile(name, content), alternative=alternative, by=cast.nora
    )


def test_picture_is_made_small_upright_and_loses_what_the_camera_hid(programme, cast):
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Fotocamera di Anna"
    exif.get_ifd(0x8825)[1] = "N"
    picture = add(programme, cast, make_image(size=(2400, 1600), exif=exif, comment=b"segreto"))
    with Image.open(picture.file.path) as kept:
        assert kept.size == (1200, 1800) == (picture.width, picture.height)
        assert len(kept.getexif()) == 0
    content = picture.file.read()
    assert b"Anna" not in content
    assert b"segreto" not in content
    assert picture.file.name.startswith("newsletters/un-tavolo-a-pisa-")
    assert "IMG_0001" not in picture.file.name


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_other_kinds_become_what_every_mail_program_shows(programme, cast, kind):
    assert add(programme, cast, make_image(kind)).file.name.endswith((".png", ".jpg"))


def test_holes_stay_holes(programme, cast):
    buffer = io.BytesIO()
    Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(buffer, "WEBP")
    picture = add(programme, cast, buffer.getvalue())
    with Image.open(picture.file.path) as kept:
        assert (kept.format, kept.getpixel((1, 1))[3]) == ("PNG", 0)


@pytest.mark.parametrize(
    ("content", "alternative", "code", "field"),
    [
        (make_image(), "  ", "without_words", "alternative"),
        (b"<svg onload='alert(1)'/>", "Un tavolo", "not_a_picture", "file"),
        (make_image("GIF"), "Un tavolo", "not_a_picture", "file"),
        (make_image(size=(300, 300))[:400], "Un tavolo", "not_a_picture", "file"),
        (b"", "Un tavolo", "not_a_picture", "file"),
        (make_image("PNG", size=(8000, 8000)), "Un tavolo", "too_many_pixels", "file"),
        (b"x" * (10 * 1024 * 1024 + 1), "Un tavolo", "too_large", "file"),
    ],
)
def test_what_cannot_be_shown_is_refused_at_its_field_and_keeps_nothing(
    programme, cast, content, alternative, code, field
):
    with pytest.raises(NewsletterError) as refusal:
        add(programme, cast, content, alternative)
    assert (refusal.value.code, list(refusal.value.fields)) == (code, [field])
    assert not Picture.objects.exists()


def test_database_keeps_no_picture_without_words(programme):
    with pytest.raises(IntegrityError), transaction.atomic():
        make_picture(programme, alternative="")


def test_mail_names_the_picture_with_its_whole_address_and_size(programme):
    picture = make_picture(programme)
    newsletter = make_newsletter(programme, body=both(f"![Un tavolo]({picture.file.url})", ""))
    composed = composing.compose(newsletter, "it")
    assert f'src="http://testserver{picture.file.url}" width="80" height="60"' in composed.html
    assert composed.attachments == []
    assert "[Un tavolo]" in composed.text


def test_embedded_picture_travels_once_and_the_web_version_has_its_address(programme, cast):
    picture = make_picture(programme)
    twice = f"![Un tavolo]({picture.file.url})\n\n![Ancora]({picture.file.url})"
    newsletter = make_newsletter(programme, body=both(twice, ""), embeds_images=True)
    writing.send_test(newsletter=newsletter, to=cast.nora, language="it")
    sent = as_bytes(Delivery.objects.get()).decode()
    assert sent.count("Content-Type: image/jpeg") == 1
    assert sent.count("Content-ID: <") == 1
    html = composing.compose(newsletter, "it").html
    assert html.count('src="cid:') == 2
    assert f'src="{picture.file.url}"' in pictures.as_addresses(html)
    assert f'src="{picture.file.url}"' in composing.web_version(newsletter, "it").body


@pytest.mark.parametrize("code", ["unknown_picture", "pictures_too_heavy"])
def test_text_with_a_picture_that_cannot_travel_is_refused(programme, code, monkeypatch):
    foreign = make_picture(make_programme(is_current=False)) if code == "unknown_picture" else make_picture(programme)
    monkeypatch.setattr(pictures, "HEAVIEST_INSIDE", 100)
    newsletter = make_newsletter(programme)
    before = Newsletter.objects.values().get()
    with pytest.raises(NewsletterError) as refusal:
        writing.save(
            newsletter=newsletter, subject=both("A", ""), body=both(f"![a]({foreign.file.url})", ""),
            audience=Audience(), version=1, embeds_images=True,
        )  # fmt: skip
    assert refusal.value.code == code
    assert list(refusal.value.fields) == ["body_it" if code == "unknown_picture" else "embeds_images"]
    assert Newsletter.objects.values().get() == before


def test_picture_that_nobody_uses_is_deleted_with_its_file(programme, django_capture_on_commit_callbacks):
    picture = make_picture(programme)
    name = picture.file.name
    with django_capture_on_commit_callbacks(execute=True):
        pictures.remove(picture=picture)
    assert not Picture.objects.exists()
    assert not default_storage.exists(name)


@pytest.mark.parametrize("where", ["body", "sent"])
def test_picture_that_a_newsletter_shows_stays(programme, where):
    picture = make_picture(programme)
    body = both(f"Ciao\n\n![Un tavolo]({picture.file.url})", "")
    newsletter = make_newsletter(programme, body=body, subject=both("Luglio", ""))
    if where == "sent":
        make_subscription(programme)
        scheduling.send_now(newsletter=newsletter)
        sending.dispatch_due()
        Newsletter.objects.update(body=both("Corretta", ""))
    with pytest.raises(NewsletterError, match="“Luglio”") as refusal:
        pictures.remove(picture=picture)
    assert refusal.value.code == "in_use"
    assert Picture.objects.filter(pk=picture.pk).exists()
    assert default_storage.exists(picture.file.name)


@pytest.mark.parametrize("way_out", ["../../secret.png", "../elsewhere/list.csv"])
def test_what_lies_elsewhere_does_not_travel_inside(programme, way_out):
    """A path that leaves the folders of pictures stays an address, and the checklist says that nothing is there."""
    default_storage.save("elsewhere/list.csv", ContentFile(b"anna@example.org"))
    default_storage.save("organisations/logo.png", ContentFile(make_image()))
    source = f"![Un tavolo a Pisa](/media/organisations/{way_out})"
    newsletter = make_newsletter(programme, body=both(source, source), embeds_images=True)
    assert composing.compose(newsletter, "it").attachments == []
