import logging
import sys

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse

from core.logs import NothingPersonal
from registrations.tasks import forget

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/iscrizioni/SECRET-token/", "/t/SECRET-token", "/SECRET-token/"])
def test_line_about_a_page_not_found_holds_no_part_of_its_address(client, caplog, path):
    assert client.get(path).status_code == 404
    (record,) = [one for one in caplog.records if one.name == "django.request"]
    assert record.getMessage().startswith("404 GET ")
    assert "SECRET" not in caplog.text


def test_refusal_of_a_form_without_token_is_one_line(caplog):
    client = Client(enforce_csrf_checks=True)
    assert client.post("/iscrizioni/SECRET-token/annulla/").status_code == 403
    assert "SECRET" not in caplog.text
    assert "Traceback" not in caplog.text


def test_staff_page_that_is_not_allowed_is_told_without_traceback(client, cast, caplog):
    client.force_login(cast.dora)
    assert client.get(reverse("accounts:people")).status_code == 403
    assert "403 GET accounts:people" in caplog.text
    assert "Traceback" not in caplog.text


def _line(error: Exception, **over) -> str:
    try:
        raise error
    except type(error):
        record = logging.LogRecord("any", logging.ERROR, __file__, 1, "went wrong", None, sys.exc_info())
    record.__dict__.update(over)
    assert NothingPersonal().filter(record)
    return logging.Formatter().format(record)


def test_error_is_told_by_its_kind_and_place_without_its_words():
    request = RequestFactory().get("/iscrizioni/SECRET/")
    line = _line(ValueError("anna@example.org exists"), status_code=500, request=request)
    assert "anna" not in line
    assert "SECRET" not in line
    assert line.startswith("500 GET no page of ours\n")
    assert line.endswith("ValueError")
    assert "test_logs.py" in line


def test_failed_task_is_told_without_what_it_was_about():
    words = "Task %(name)s[%(id)s] %(description)s: %(exc)s"
    told = {"name": forget.name, "id": "1", "description": "raised", "exc": "SMTPError('anna@example.org')"}
    line = _line(ValueError("anna@example.org"), name="celery.app.trace", msg=words, args=told)
    assert line.startswith("Task registrations.forget[1] raised: ValueError")
    assert "anna" not in line
