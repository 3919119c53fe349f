"""A list in whatever a spreadsheet writes: read, or refused with its row; thirty spellings are one person."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mail.models import Delivery
from newsletters.models import Proof, Subscription
from newsletters.services import NewsletterError, importing, tables
from tests.make import make_subscription

pytestmark = pytest.mark.django_db
HEADING = ",".join(tables.COLUMNS) + "\n"
PROVED = ",2024-02-15,Modulo del seminario"


def bring(programme, text, encoding="utf-8", **over):
    content = text if isinstance(text, bytes) else (HEADING + text).encode(encoding)
    over = {"source": "lista.csv", "dry_run": False} | over
    return importing.import_subscribers(programme=programme, rows=tables.read_table(content), **over)


def refused(code, act, *arguments, **over):
    with pytest.raises(NewsletterError) as refusal:
        act(*arguments, **over)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "iso8859-15", "mac-roman"],
)
@pytest.mark.parametrize("name", ["Niccolò", "Zoè", "Perché", "D’Agnì", "Cesù"])
def test_letters_arrive_whatever_the_encoding(programme, encoding, name):
    if encoding == "iso8859-15" and "’" in name:
        name = name.replace("’", "'")
    bring(programme, f"anna@example.org,{name},Verdi,,it{PROVED}\n", encoding)
    assert Subscription.objects.get().first_name == name


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_columns_are_found_whatever_divides_them(programme, delimiter, end):
    text = (HEADING + f"anna@example.org,Anna,Verdi,,it{PROVED}\n").replace(",", delimiter).replace("\n", end)
    bring(programme, text.encode("utf-16"))
    bring(programme, ("sep=" + delimiter + end + text).encode())
    assert Subscription.objects.get().name == "Anna Verdi"


def test_thirty_spellings_in_one_list_are_one_person(programme):
    spellings = {
        f"{lead}{change(address)}{tail}"
        for change in (str, str.upper, str.title)
        for lead in ("", " ", "\u200b", "mailto:", "<")
        for tail in ("", ".", "\ufeff", ">")
        for address in ("anna@bücher.example", "anna@bu\u0308cher.example", "ａｎｎａ＠bücher.example")
    }
    assert len(spellings) >= 30
    report = bring(programme, "".join(f"{one},,,,{PROVED}\n" for one in sorted(spellings)))
    assert (report.subscribed, report.repeated, report.errors) == (1, len(spellings) - 1, [])
    assert Subscription.objects.get().email == "anna@xn--bcher-kva.example"
    assert Proof.objects.count() == 1


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("niccolò@example.org,,,,,,", "email"),
        ("anna @example.org,,,,,,", "email"),
        ('"anna@example.org\r\nBcc: x@example.org",,,,,,', "email"),
        ("a@example.org,www.example.org,,,,,", "first_name"),
        ("a@example.org,,x@example.org,,,,", "last_name"),
        ("a@example.org,Nic\ufffd,,,,,", "first_name"),
        ("a@example.org,,,Atlantide,,,", "province"),
    ],
)
def test_wrong_row_is_named_and_nothing_is_sent_or_lost(programme, row, column):
    report = bring(programme, f"good@example.org,,,,{PROVED}\n\n{row}\n")
    assert [(number, where) for number, where, _sentence in report.errors] == [(4, column)]
    assert not Subscription.objects.exists()
    assert not Delivery.objects.exists()


def test_line_breaks_in_a_name_are_one_space(programme):
    bring(programme, f'a@example.org,"Anna\r\nBcc: x","Ve\u0000rdi",,{PROVED}\n'.replace("\0", ""))
    assert Subscription.objects.get().name == "Anna Bcc: x Verdi"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"PK\x03\x04\x14\x00\x06\x00", "not_text"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00", "not_text"),
        (b"", "columns"),
        (b"email,name\n", "columns"),
        (HEADING.encode() + b'"' + b"x" * 200_000, "csv"),
        (b"x" * (tables.LARGEST + 1), "too_large"),
        (HEADING.encode() + b"a\n" * (tables.MOST_ROWS + 1), "too_many"),
    ],
)
def test_file_that_is_no_list_is_refused_as_a_whole(content, code):
    refused(code, tables.read_table, content)


def test_dry_run_says_what_would_be_and_writes_nothing(programme):
    make_subscription(programme, email="there@example.org")
    make_subscription(programme, email="left@example.org", state="ended", ended_at=timezone.now())
    rows = "".join(f"{name}@example.org,,,,{PROVED}\n" for name in ("new", "there", "left")) + "ask@example.org,,,,,,\n"
    before = list(Subscription.objects.order_by("pk").values())
    planned = bring(programme, rows, dry_run=True)
    assert list(Subscription.objects.order_by("pk").values()) == before
    assert not Delivery.objects.exists()
    done = bring(programme, rows)
    assert planned == done
    assert (done.subscribed, done.asked, done.unchanged) == (1, 1, 2)
    assert Subscription.objects.get(email="left@example.org").state == "ended"


def test_who_was_asked_or_left_before_the_proof_is_subscribed_by_it(programme):
    long_ago = timezone.now() - timedelta(days=5000)
    make_subscription(programme, email="asked@example.org", state="pending", confirmed_at=None)
    make_subscription(programme, email="back@example.org", state="ended", asked_at=long_ago, ended_at=long_ago)
    report = bring(programme, f"asked@example.org,,,,{PROVED}\nback@example.org,,,,{PROVED}\n")
    assert report.subscribed == 2
    assert Subscription.objects.active().count() == 2
    assert Proof.objects.filter(source="import:lista.csv", confirmed_at__isnull=False).count() == 2


def test_too_many_to_ask_at_once_asks_nobody(programme):
    rows = "".join(f"a{number}@example.org,,,,,,\n" for number in range(3))
    refused("too_many_to_ask", bring, programme, rows, most_asked=2)
    assert not Delivery.objects.exists()
    assert bring(programme, rows, most_asked=3).asked == 3


@pytest.mark.parametrize("number", [1, 3])
def test_proved_lists_take_as_many_queries_for_more_rows(programme, number, django_assert_num_queries):
    rows = "".join(f"a{place}@example.org,,,,{PROVED}\n" for place in range(number))
    with django_assert_num_queries(7):
        assert bring(programme, rows).subscribed == number


def test_province_in_any_spelling(programme, pisa, lucca):
    for place, written in enumerate(("Pisa", "PISA", "pi", " pisa ", "ＰＩ")):
        bring(programme, f"a{place}@example.org,,,{written},{PROVED}\n")
    assert set(Subscription.objects.values_list("territory__name", flat=True)) == {"Pisa"}
