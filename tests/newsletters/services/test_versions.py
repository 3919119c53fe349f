"""Each save that changes something is kept, can be compared, and can be gone back to."""

import pytest

from newsletters.services import NewsletterError, versions, writing
from newsletters.services.audiences import Audience
from tests.make import both, make_newsletter


def save(newsletter, body, version, by=None, **over):
    values = {"subject": both("Oggetto", ""), "audience": Audience()} | over
    return writing.save(newsletter=newsletter, body=both(body, ""), version=version, by=by, **values)


def test_each_save_that_changes_something_is_a_version_and_the_first_keeps_what_was_there(programme, cast):
    newsletter = make_newsletter(programme)
    save(newsletter, "Uno", 1, cast.nora)
    save(newsletter, "Uno", 2, cast.carla)
    saved = save(newsletter, "Due", 2, cast.carla)
    kept = newsletter.versions.values_list("number", "saved_by__first_name")
    assert list(kept) == [(3, "Carla"), (2, "Nora"), (1, None)]
    assert saved.version == 3


def test_restore_says_again_what_it_said_as_a_new_version(programme, cast):
    newsletter = make_newsletter(programme)
    save(newsletter, "Uno", 1, audience=Audience(provinces=("pisa",), topic="events"), embeds_images=True)
    save(newsletter, "Due", 2)
    newsletter.refresh_from_db()
    assert (newsletter.topic, newsletter.embeds_images) == ("", False)
    restored = writing.restore(newsletter=newsletter, number=2, by=cast.nora)
    assert (str(restored.body), restored.audience, restored.version) == ("Uno", {"provinces": ["pisa"]}, 4)
    assert (restored.topic, restored.embeds_images) == ("events", True)
    assert newsletter.versions.count() == 4


def test_restore_of_what_is_not_there_changes_nothing(programme, cast):
    newsletter = make_newsletter(programme)
    with pytest.raises(NewsletterError) as refusal:
        writing.restore(newsletter=newsletter, number=9, by=cast.nora)
    assert refusal.value.code == "no_version"
    assert not newsletter.versions.exists()


def test_only_the_newest_are_kept(programme, monkeypatch):
    monkeypatch.setattr(versions, "MOST", 3)
    newsletter = make_newsletter(programme)
    for number in range(1, 6):
        save(newsletter, f"Testo {number}", number)
    assert list(newsletter.versions.values_list("number", flat=True)) == [6, 5, 4]


def test_difference_shows_what_went_and_what_came_with_a_little_around(programme):
    newsletter = make_newsletter(programme, subject=both("Oggetto", ""), body=both("", ""))
    lines = [f"riga {number}" for number in range(9)]
    save(newsletter, "\n".join(lines), 1)
    save(newsletter, "\r\n".join([*lines[:8], "nuova"]), 2)
    new, old = newsletter.versions.all()[:2]
    (difference,) = versions.differences(old, new)
    assert [(line.kind, line.text, line.number) for line in difference.lines] == [
        ("skipped", "", 6), ("same", "riga 6", 0), ("same", "riga 7", 0), ("gone", "riga 8", 0), ("new", "nuova", 0),
    ]  # fmt: skip


def test_new_newsletter_starts_from_the_last_one(programme):
    make_newsletter(programme, body=both("", ""))
    last = make_newsletter(programme, audience={"provinces": ["pisa"]}, topic="events")
    found = writing.last(programme)
    assert found == last
    copied = writing.begin(programme=programme, subject=both("Agosto", ""), due_on=last.due_on, start_from=found)
    assert (copied.body, copied.audience, copied.topic, str(copied.subject)) == (
        last.body, {"provinces": ["pisa"]}, "events", "Agosto",
    )  # fmt: skip
    assert copied.state == "draft"
