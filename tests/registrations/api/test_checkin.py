"""The door's API, exactly as CONTRACT says, with one phone paired for one running event."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from registrations.models import Correction, Registration, Scan
from registrations.services import devices, phones, tickets
from tests.make import both, make_device, make_event, make_registration, make_running_event

pytestmark = pytest.mark.django_db
COUNTS = {"inside": 0, "arrived": 0, "expected": 1, "left": 59, "online": 0}
ROOT = "/api/v1/checkin"


@pytest.fixture
def event(programme):
    return make_running_event(slug="seminario-pisa")


@pytest.fixture
def anna(event):
    return make_registration(event, first_name="Anna", last_name="Verdi", email="anna@example.org")


@pytest.fixture
def door(client, event):
    """`door("scans", {…})` posts, `door("roster?event=…")` gets, as the paired phone."""
    _device, token = make_device(event)

    def ask(address, body=None, token=token):
        headers = {"authorization": f"Bearer {token}"}
        if body is None:
            return client.get(f"{ROOT}/{address}", headers=headers)
        return client.post(f"{ROOT}/{address}", json.dumps(body), content_type="application/json", headers=headers)

    return ask


def scan_of(person, **over):
    values = {"nonce": "n", "code": tickets.ticket_url(person), "at": timezone.now().isoformat(), "direction": "in"}
    return values | over


def sent(door, *scans, event="seminario-pisa"):
    response = door("scans", {"event": event, "scans": list(scans)})
    assert response.status_code == 200, response.content
    return response.json()


def test_phone_is_paired_by_its_code(client, event):
    _device, code = devices.create_pairing(events=[event])
    body = json.dumps({"pairing_code": code, "name": "Telefono di Dora"})
    response = client.post(f"{ROOT}/devices", body, content_type="application/json")
    assert response.status_code == 200
    told = response.json()
    assert told["events"][0]["slug"] == "seminario-pisa"
    assert devices.recognise(told["token"]).device.name == "Telefono di Dora"


def test_wrong_pairing_code_has_its_sentence(client, event):
    response = client.post(f"{ROOT}/devices", '{"pairing_code": "AAAA-AAAA"}', content_type="application/json")
    assert response.status_code == 422
    assert response.json()["code"] == "unknown_pairing_code"
    assert "pairing_code" in response.json()["fields"]


def test_revoked_phone_hears_it_everywhere(client, event, anna):
    device, token = make_device(event)
    devices.revoke(device=device)
    headers = {"authorization": f"Bearer {token}"}
    for response in [
        client.get(f"{ROOT}/roster?event=seminario-pisa", headers=headers),
        client.post(f"{ROOT}/scans", "{}", content_type="application/json", headers=headers),
    ]:
        assert (response.status_code, response.json()["code"]) == (401, "revoked")


def test_scan_of_a_ticket_lets_in(door, anna):
    told = sent(door, scan_of(anna, nonce="a1"))
    assert told == {
        "results": [
            {
                "nonce": "a1",
                "status": "ok",
                "reason": None,
                "message": None,
                "person": {
                    "code": anna.code,
                    "name": "Anna Verdi",
                    "state": "confirmed",
                    "organisation": "",
                    "group": None,
                    "needs_help": False,
                    "since": None,
                    "door": "",
                },
                "event": None,
            }
        ],
        "counts": COUNTS | {"inside": 1, "arrived": 1},
    }


def test_person_inside_is_already_in_with_the_hour(door, anna):
    first = timezone.now() - timedelta(minutes=10)
    sent(door, scan_of(anna, nonce="a", at=first.isoformat()))
    result = sent(door, scan_of(anna, nonce="b"))["results"][0]
    assert (result["status"], result["reason"]) == ("repeated", "already_in")
    assert result["person"]["since"].startswith(f"{first.astimezone(timezone.get_fixed_timezone(0)):%Y-%m-%dT%H:%M}")


def test_same_request_again_is_the_same_answer_and_one_effect(door, anna):
    scans = [scan_of(anna, nonce="a"), scan_of(anna, nonce="b"), scan_of(anna, nonce="c", code="nothing")]
    assert sent(door, *scans) == sent(door, *scans)
    assert Scan.objects.count() == 3


def test_answers_come_in_the_order_sent(door, anna):
    now = timezone.now()
    scans = [
        scan_of(anna, nonce="out", direction="out", at=now.isoformat()),
        scan_of(anna, nonce="in", at=(now - timedelta(minutes=5)).isoformat()),
    ]
    results = sent(door, *scans)["results"]
    assert [(one["nonce"], one["status"]) for one in results] == [("out", "ok"), ("in", "ok")]


def test_empty_batch_tells_the_counts(door, anna):
    assert sent(door) == {"results": [], "counts": COUNTS}


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"at": "2024-05-14T09:00:00"}, "scans.0.at"),
        ({"at": "yesterday"}, "scans.0.at"),
        ({"at": None}, "scans.0.at"),
        ({"direction": "up"}, "scans.0.direction"),
        ({"nonce": ""}, "scans.0.nonce"),
        ({"nonce": "x" * 65}, "scans.0.nonce"),
        ({"nonce": "\x00"}, "scans.0.nonce"),
        ({"code": None}, "scans.0.code"),
        ({"code": "x" * 5001}, "scans.0.code"),
        ({"force": "yes"}, "scans.0.force"),
    ],
)
def test_wrong_scan_is_said_and_only_kept_to_be_looked_at(door, anna, over, field):
    body = {"event": "seminario-pisa", "scans": [scan_of(anna, **over)]}
    for _twice in range(2):
        response = door("scans", body)
        assert response.status_code == 422
        assert list(response.json()["fields"]) == [field]
    kept = Scan.objects.to_look_at().get()
    assert (kept.status, kept.reason, kept.registration) == ("review", "invalid", None)
    anna.refresh_from_db()
    assert not anna.is_inside


def test_one_broken_scan_stops_none_of_the_others(door, event, anna):
    bruna = make_registration(event)
    broken = {"nonce": "broken", "code": 7}
    told = sent(door, scan_of(anna, nonce="a"), broken, "nonsense", scan_of(bruna, nonce="b"))["results"]
    assert [(one["nonce"], one["status"], one["reason"]) for one in told[:2]] == [
        ("a", "ok", None),
        ("broken", "refused", "invalid"),
    ]
    assert [one["status"] for one in told] == ["ok", "refused", "refused", "ok"]
    assert Scan.objects.to_look_at().count() == 2
    assert event.registrations.filter(is_inside=True).count() == 2


def test_a_number_too_long_to_read_is_one_broken_scan(client, event, anna):
    _device, token = make_device(event)
    scans = [scan_of(anna, nonce="a"), scan_of(anna, nonce="b", clock_offset="LONG")]
    body = json.dumps({"event": "seminario-pisa", "scans": scans}).replace('"LONG"', "9" * 6000)
    headers = {"authorization": f"Bearer {token}"}
    response = client.post(f"{ROOT}/scans", body, content_type="application/json", headers=headers)
    assert [one["status"] for one in response.json()["results"]] == ["ok", "refused"]
    assert list(Scan.objects.to_look_at().values_list("nonce", flat=True)) == ["b"]


def test_last_words_of_a_revoked_phone_are_kept_and_make_nobody_present(client, event, anna):
    device, token = make_device(event)
    devices.revoke(device=device)
    body = {"event": "seminario-pisa", "scans": [scan_of(anna, nonce="late"), {"nonce": "broken"}]}
    headers = {"authorization": f"Bearer {token}"}
    for _twice in range(2):
        response = client.post(f"{ROOT}/scans", body, content_type="application/json", headers=headers)
        assert (response.status_code, response.json()["code"]) == (401, "revoked")
    kept = Scan.objects.to_look_at().order_by("nonce")
    assert [(one.nonce, one.reason, one.registration) for one in kept] == [
        ("broken", "revoked", None),
        ("late", "revoked", anna),
    ]
    anna.refresh_from_db()
    assert (anna.entered_at, anna.is_inside) == (None, False)


def test_roster_is_closed_after_the_door_and_late_scans_are_taken(door, event, anna):
    end = timezone.now() - timedelta(hours=13)
    event.starts_at, event.ends_at = end - timedelta(hours=4), end
    event.save(update_fields=["starts_at", "ends_at"])
    response = door("roster?event=seminario-pisa")
    assert (response.status_code, response.json()["code"]) == (403, "over")
    at = (end - timedelta(hours=2)).isoformat()
    assert sent(door, scan_of(anna, at=at))["results"][0]["status"] == "ok"


def test_clock_that_is_two_hours_wrong_is_put_right(door, anna):
    happened = timezone.now().replace(microsecond=0) - timedelta(minutes=5)
    wrong = happened - timedelta(hours=2)
    sent(door, scan_of(anna, at=wrong.isoformat(), clock_offset=7_200_000))
    kept = Scan.objects.get()
    assert (kept.at, kept.device_at, kept.clock_offset) == (happened, wrong, 7_200_000)


def test_ticket_of_another_event_says_of_which(door, programme, anna):
    other = make_event(slug="altro", title="Laboratorio di Lucca")
    person = make_registration(other)
    result = sent(door, scan_of(person))["results"][0]
    assert (result["reason"], result["person"]) == ("wrong_event", None)
    assert (result["event"]["slug"], result["event"]["title"]) == ("altro", "Laboratorio di Lucca")


@pytest.mark.parametrize(("confirmed_at", "state"), [(None, "expired"), (timezone.now(), "lapsed")])
def test_offer_that_lapsed_is_told_from_a_link_never_opened(door, event, anna, confirmed_at, state):
    person = make_registration(event, state="expired", email_confirmed_at=confirmed_at)
    result = sent(door, scan_of(person))["results"][0]
    assert (result["reason"], result["person"]["state"]) == ("unconfirmed", state)


def test_roster_tells_what_the_desk_calls_this_phone(client, event):
    device, token = make_device(event, name="Porta")
    phones.rename(device=device, name="Ingresso laterale")
    told = client.get(f"{ROOT}/roster?event=seminario-pisa", headers={"authorization": f"Bearer {token}"}).json()
    assert told["phone"] == "Ingresso laterale"


def test_already_in_says_by_which_door(client, event, anna):
    for name, nonce in [("Ingresso", "a"), ("Laterale", "b")]:
        _device, token = make_device(event, name=name)
        body = {"event": "seminario-pisa", "scans": [scan_of(anna, nonce=nonce)]}
        headers = {"authorization": f"Bearer {token}"}
        told = client.post(f"{ROOT}/scans", body, content_type="application/json", headers=headers).json()
    assert told["results"][0]["person"]["door"] == "Ingresso"
    entry = client.get(f"{ROOT}/roster?event=seminario-pisa", headers=headers).json()["entries"][0]
    assert (entry["door"], entry["since"]) == ("Ingresso", told["results"][0]["person"]["since"])


def test_phone_says_what_it_has_still_to_send(client, event, anna):
    device, token = make_device(event)
    client.get(f"{ROOT}/roster?event=seminario-pisa&unsent=7", headers={"authorization": f"Bearer {token}"})
    device.refresh_from_db()
    assert (device.unsent, device.seen_at is not None) == (7, True)


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "1970-01-01T00:00:00Z"])
def test_impossible_clock_is_answered(door, anna, at):
    assert sent(door, scan_of(anna, at=at))["results"][0]["status"] in {"ok", "refused"}


def test_strange_codes_are_unknown_not_errors(door, event):
    codes = ["\x00", "\x00\x01", "WIFI:S:casa;P:segreto;;", "x" * 5000, "ÀÈÌÒÙàèì", "//t/", "http://[/t/a"]
    scans = [
        {"nonce": f"n{n}", "code": code, "at": timezone.now().isoformat(), "direction": "in"}
        for n, code in enumerate(codes)
    ]
    results = sent(door, *scans)["results"]
    assert {(one["status"], one["reason"], one["person"]) for one in results} == {("refused", "unknown", None)}


def test_too_many_scans_at_once_are_refused_whole(door, anna):
    scans = [scan_of(anna, nonce=f"n{n}", code="x") for n in range(501)]
    response = door("scans", {"event": "seminario-pisa", "scans": scans})
    assert (response.status_code, list(response.json()["fields"])) == (422, ["scans"])
    assert not Scan.objects.exists()


def test_event_of_another_door_is_forbidden_and_unknown_is_not_found(door, anna):
    other = make_event(slug="altro")
    person = make_registration(other)
    for slug, status in [("altro", 403), ("nessuno", 404)]:
        for response in [
            door("scans", {"event": slug, "scans": [scan_of(person)]}),
            door(f"roster?event={slug}"),
            door("scans/undo", {"event": slug, "nonce": "n"}),
            door("walk-ins", {"event": slug, "nonce": "n", "first_name": "A", "consents": {"privacy": True}}),
        ]:
            assert response.status_code == status
    assert not Scan.objects.exists()


@pytest.mark.parametrize("number", [1, 3])
def test_queries_of_a_request_with_scans(door, event, number, django_assert_num_queries):
    people = [make_registration(event) for _ in range(number)]
    scans = [scan_of(person, nonce=f"n{person.pk}") for person in people]
    with django_assert_num_queries(8):  # the phone, four of the scans and the counts; a savepoint in the test
        sent(door, *scans)


@pytest.mark.parametrize("number", [1, 3])
def test_queries_at_an_event_of_several_days_are_two_more(door, event, number, django_assert_num_queries):
    event.ends_at += timedelta(days=1)
    event.save()
    for start in (event.starts_at, event.starts_at + timedelta(days=1)):
        event.sessions.create(starts_at=start, minutes=60, title=both("Parte", "Part"))
    people = [make_registration(event) for _ in range(number)]
    scans = [scan_of(person, nonce=f"n{person.pk}") for person in people]
    with django_assert_num_queries(10):  # and the agenda, and whose clock it goes by
        sent(door, *scans)


def test_roster_tells_enough_and_no_address(door, anna):
    response = door("roster?event=seminario-pisa")
    assert "anna@example.org" not in response.content.decode()
    assert anna.token not in response.content.decode()
    told = response.json()
    assert told["entries"] == [
        {
            "code": anna.code,
            "name": "Anna Verdi",
            "organisation": "",
            "state": "confirmed",
            "mode": "in_person",
            "ticket_version": 1,
            "is_inside": False,
            "since": None,
            "door": "",
            "entered_at": None,
            "group": None,
            "needs_help": False,
        }
    ]
    assert (told["removed"], told["has_more"]) == ([], False)
    assert told["counts"] == COUNTS
    assert told["public_keys"] == [tickets.public_key()]
    assert told["event"]["id"] == anna.event_id


def test_roster_since_a_cursor_tells_only_what_changed(door, event, anna):
    Registration.objects.update(changed_at=timezone.now() - timedelta(minutes=1))
    cursor = door("roster?event=seminario-pisa").json()["cursor"]
    assert door(f"roster?event=seminario-pisa&since={cursor}").json()["entries"] == []
    sent(door, scan_of(anna))
    changed = door(f"roster?event=seminario-pisa&since={cursor}").json()["entries"]
    assert [(one["code"], one["is_inside"]) for one in changed] == [(anna.code, True)]


def test_roster_forgets_who_cancelled(door, event, anna):
    gone = make_registration(event, state="cancelled", cancelled_at=timezone.now(), first_name="Zita")
    told = door("roster?event=seminario-pisa")
    assert told.json()["removed"] == [gone.code]
    assert "Zita" not in told.content.decode()


@pytest.mark.parametrize("since", ["x", "-", "1-", "-1", "9" * 50, "1-" + "9" * 30, "99999999999999999999-1"])
def test_wrong_cursor_is_said(door, anna, since):
    response = door(f"roster?event=seminario-pisa&since={since}")
    assert (response.status_code, list(response.json()["fields"])) == (422, ["since"])


@pytest.mark.parametrize("number", [1, 3])
def test_queries_of_the_roster(door, event, number, django_assert_num_queries):
    for _ in range(number):
        make_registration(event)
    with django_assert_num_queries(3):
        assert len(door("roster?event=seminario-pisa").json()["entries"]) == number


WALK_IN = {
    "event": "seminario-pisa",
    "nonce": "w",
    "first_name": "Bruna",
    "last_name": "Neri",
    "consents": {"privacy": True},
}


def test_walk_in_is_registered_and_inside_and_again_the_same(door, event):
    first, again = door("walk-ins", WALK_IN), door("walk-ins", WALK_IN)
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert first.json()["person"]["name"] == "Bruna Neri"
    assert first.json()["counts"] == COUNTS | {"inside": 1, "arrived": 1}


@pytest.mark.parametrize(
    ("over", "status", "code"),
    [
        ({"consents": {}}, 422, "consent_required"),
        ({"consents": {"privacy": False}}, 422, "consent_required"),
        ({"consents": {"privacy": "yes"}}, 422, "invalid"),
        ({"first_name": ""}, 422, "invalid"),
        ({"first_name": "  "}, 422, "invalid"),
        ({"first_name": "A" * 81}, 422, "invalid"),
        ({"first_name": "\x00"}, 422, "invalid"),
        ({"email": "not an address"}, 422, "invalid"),
        ({"email": "ANNA@example.org"}, 409, "already_registered"),
        ({"nonce": None}, 422, "invalid"),
    ],
)
def test_walk_in_that_is_refused_changes_nothing(door, anna, over, status, code):
    response = door("walk-ins", WALK_IN | over)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert Registration.objects.get() == anna
    assert not Scan.objects.exists()


def test_undo_takes_back_and_tells_the_counts(door, anna):
    sent(door, scan_of(anna, nonce="a"))
    response = door("scans/undo", {"event": "seminario-pisa", "nonce": "a", "reason": "Persona sbagliata"})
    assert response.json() == {"nonce": "a", "counts": COUNTS}


def test_undo_long_after_the_event_changes_nothing(door, event, anna):
    sent(door, scan_of(anna, nonce="a"))
    end = timezone.now() - devices.LATE - timedelta(days=1)
    event.starts_at, event.ends_at = end - timedelta(hours=4), end
    event.save(update_fields=["starts_at", "ends_at"])
    response = door("scans/undo", {"event": "seminario-pisa", "nonce": "a"})
    assert (response.status_code, response.json()["code"]) == (409, "too_late")
    assert not Correction.objects.exists()
    anna.refresh_from_db()
    assert anna.is_inside


def test_undo_of_nothing_is_404(door, anna):
    response = door("scans/undo", {"event": "seminario-pisa", "nonce": "a"})
    assert (response.status_code, response.json()["code"]) == (404, "unknown")


def test_what_comes_when_the_event_is_long_over_makes_nobody_present(door, event, anna):
    end = timezone.now() - timedelta(days=8)
    event.starts_at, event.ends_at = end - timedelta(hours=4), end
    event.save(update_fields=["starts_at", "ends_at"])
    at = (end - timedelta(hours=2)).isoformat()
    result = sent(door, scan_of(anna, nonce="late", at=at, force=True))["results"][0]
    assert (result["status"], result["reason"]) == ("review", "closed")
    told = door("walk-ins", WALK_IN | {"at": at, "force": True})
    assert (told.status_code, told.json()["status"], event.registrations.count()) == (201, "review", 1)
    anna.refresh_from_db()
    assert (anna.entered_at, Scan.objects.to_look_at().count()) == (None, 2)


def test_words_with_a_nul_stop_nothing(door, event, anna):
    bruna = make_registration(event)
    told = sent(door, scan_of(anna, nonce="a", reason="a\x00b"), scan_of(bruna, nonce="b"))["results"]
    assert [one["status"] for one in told] == ["ok", "ok"]
    assert door("scans/undo", {"event": event.slug, "nonce": "a", "reason": "\x00"}).status_code == 200
    assert door("walk-ins", WALK_IN | {"reason": "\x00"}).status_code == 201


def test_broken_scan_takes_nobodys_nonce(door, anna):
    told = sent(door, {"nonce": "a", "code": 7}, scan_of(anna, nonce="a"))["results"]
    assert [(one["nonce"], one["status"]) for one in told] == [("a", "refused"), ("a", "ok")]


def test_walk_in_of_a_revoked_phone_leaves_a_name_to_look_at(client, event):
    device, token = make_device(event)
    devices.revoke(device=device)
    headers = {"authorization": f"Bearer {token}"}
    response = client.post(f"{ROOT}/walk-ins", WALK_IN, content_type="application/json", headers=headers)
    assert (response.status_code, response.json()["code"]) == (401, "revoked")
    assert Scan.objects.to_look_at().get().note == "Bruna Neri"
