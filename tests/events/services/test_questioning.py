"""What an event asks: keys that stay, conditions without loops, and nothing lost of what was answered."""

import pytest

from events.models import Question
from events.services import EventError, editing, questioning
from tests.make import both, make_event, make_question, make_registration

pytestmark = pytest.mark.django_db
COLOURS = [{"it": "Rosso", "en": "Red"}, {"it": "Blu"}]


def add(event, label="Come vieni?", **over) -> Question:
    return questioning.add(event=event, **{"label": both(label, label), "kind": "text"} | over)


def add_choice(event, label="Colore?", **over) -> Question:
    return add(event, label, **{"kind": "choice", "options": questioning.choices([], COLOURS)} | over)


def stored(event) -> list[tuple]:
    event.refresh_from_db()
    asked = event.questions.order_by("pk").values_list("key", "kind", "order", "shown_if", "retired_at", "options")
    return [event.questions_version, *asked]


def test_keys_are_made_of_the_words_once_and_stay():
    event = make_event()
    first, second, third = add(event), add(event), add(event, "2024: quanti?")
    assert [first.key, second.key, third.key] == ["come_vieni", "come_vieni_2", "q_2024_quanti"]
    changed = questioning.change(question=first, label=both("Tutt'altro", "Else"))
    assert (changed.key, str(changed.label)) == ("come_vieni", "Tutt'altro")
    assert [one.order for one in event.questions.all()] == [1, 2, 3]


def test_every_change_raises_the_version():
    event = make_event()
    first, second = add(event), add(event)
    questioning.change(question=first, is_required=True)
    questioning.move(question=second, up=True)
    questioning.remove(question=first)
    event.refresh_from_db()
    assert event.questions_version == 5
    assert [one.pk for one in event.questions.all()] == [second.pk]


def test_choices_keep_their_keys_under_new_words():
    question = add_choice(make_event())
    assert [one["key"] for one in question.options] == ["rosso", "blu"]
    reworded = [question.options[0] | {"label": {"it": "Cremisi"}}, question.options[1]]
    changed = questioning.change(question=question, options=questioning.choices(reworded, [{"it": "Verde"}]))
    assert changed.offered == [("rosso", "Cremisi"), ("blu", "Blu"), ("verde", "Verde")]


@pytest.mark.parametrize(
    "options",
    [
        [],
        [{"key": "a", "label": {"it": "A"}}],
        [{"key": "a", "label": {"it": "A"}}, {"key": "b", "label": {"it": "a"}}],
        [{"key": f"k{n}", "label": {"it": f"Scelta {n}"}} for n in range(questioning.MOST_CHOICES + 1)],
    ],
)
def test_choices_that_offer_no_choice_are_refused(options):
    event = make_event()
    before = stored(event)
    with pytest.raises(EventError) as refusal:
        add(event, kind="choice", options=options)
    assert (refusal.value.code, list(refusal.value.fields)) == ("invalid", ["new_options"])
    assert stored(event) == before


def test_question_that_was_answered_is_retired_and_its_kind_stays():
    event = make_event()
    question = add_choice(event)
    make_registration(event, answers={question.key: "blu"})
    before = stored(event)
    with pytest.raises(EventError) as refusal:
        questioning.change(question=question, kind="text")
    assert refusal.value.code == "answered"
    assert stored(event) == before
    questioning.remove(question=question)
    assert not event.questions.asked().exists()
    assert event.questions.get().retired_at


def test_choice_that_goes_after_an_answer_keeps_its_words():
    event = make_event()
    question = add_choice(event)
    make_registration(event, answers={question.key: "blu"})
    changed = questioning.change(
        question=question, options=questioning.choices(question.options[:1], [{"it": "Verde"}])
    )
    assert [key for key, _label in changed.offered] == ["rosso", "verde"]
    assert changed.label_of("blu") == "Blu"


def test_choice_that_nobody_gave_goes():
    question = add_choice(make_event())
    changed = questioning.change(question=question, options=questioning.choices(question.options[:1], [{"it": "Giù"}]))
    assert [one["key"] for one in changed.options] == ["rosso", "giu"]


def test_condition_is_an_earlier_question_to_choose_from():
    event = make_event()
    colour = add_choice(event)
    follower = add(event, "Perché?", shown_if=colour, shown_if_answer="blu")
    assert follower.condition == "Solo se hai risposto «Blu» a «Colore?»."
    text, later = add(event, "Testo"), add_choice(event, "Altro colore?")
    other = add_choice(make_event(), "Di un altro evento?")
    before = stored(event)
    for deciding, answer, field in [
        (text, "x", "shown_if"),
        (later, "blu", "shown_if"),
        (other, "blu", "shown_if"),
        (follower, "blu", "shown_if"),
        (colour, "giallo", "shown_if"),
    ]:
        with pytest.raises(EventError) as refusal:
            questioning.change(question=follower, shown_if=deciding, shown_if_answer=answer)
        assert (refusal.value.code, list(refusal.value.fields)) == ("invalid", [field])
    assert stored(event) == before


def test_what_another_question_depends_on_cannot_go_or_come_after_it():
    event = make_event()
    colour = add_choice(event)
    follower = add(event, "Perché?", shown_if=colour, shown_if_answer="blu")
    before = stored(event)
    attempts = [
        (lambda: questioning.remove(question=colour), "has_followers"),
        (lambda: questioning.change(question=colour, kind="text"), "has_followers"),
        (lambda: questioning.change(question=colour, kind="yes_no"), "has_followers"),
        (lambda: questioning.move(question=follower, up=True), "order"),
        (lambda: questioning.move(question=colour, up=False), "order"),
    ]
    for attempt, code in attempts:
        with pytest.raises(EventError) as refusal:
            attempt()
        assert refusal.value.code == code
    assert stored(event) == before


def test_moving_beyond_the_ends_changes_nothing():
    event = make_event()
    question = add(event)
    before = stored(event)
    questioning.move(question=question, up=True)
    questioning.move(question=question, up=False)
    assert stored(event) == before


def test_copy_of_an_event_asks_the_same():
    event = make_event()
    colour = add_choice(event)
    add(event, "Perché?", shown_if=colour, shown_if_answer="blu")
    gone = make_question(event)
    make_registration(event, answers={gone.key: "sì"})
    questioning.remove(question=gone)
    event.refresh_from_db()
    copy = editing.copy_event(source=event, slug="copia", starts_at=event.starts_at)
    first, second = copy.questions.all()
    assert (first.key, second.shown_if, second.shown_if_answer) == ("colore", first, "blu")
    assert copy.questions_version > 0
    assert event.questions.count() == 3


def test_number_of_questions_is_limited():
    event = make_event()
    for _ in range(questioning.MOST):
        make_question(event)
    with pytest.raises(EventError):
        add(event)
    assert event.questions.count() == questioning.MOST


def test_question_that_went_meanwhile_cannot_be_changed():
    event = make_event()
    question, other = add(event), add(event)
    questioning.remove(question=question)
    with pytest.raises(EventError) as refusal:
        questioning.change(question=question, is_required=True)
    assert refusal.value.code == "invalid"
    assert list(event.questions.all()) == [other]
