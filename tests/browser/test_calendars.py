"""Calendar files as ical.js reads them, which is inside Thunderbird and Nextcloud."""

from datetime import UTC, datetime

import pytest

from tests.events.calendar_times import CASES, event_of, files_of

pytestmark = pytest.mark.django_db
READ = """content => {
    const calendar = new ICAL.Component(ICAL.parse(content));
    const event = new ICAL.Event(calendar.getFirstSubcomponent("vevent"));
    return [event.startDate, event.endDate].map(time => time.toUnixTime()).concat([event.uid, event.sequence]);
}"""


def test_ical_js_reads_the_instants_that_were_meant(page, front_end, programme):
    page.goto("/")
    page.evaluate((front_end / "ical" / "ical.js").read_text(encoding="utf-8"))
    for name, case in CASES.items():
        event = event_of(case)
        for kind, content in files_of(event).items():
            starts, ends, uid, sequence = page.evaluate(READ, content.decode())
            read = datetime.fromtimestamp(starts, UTC), datetime.fromtimestamp(ends, UTC)
            assert read == (event.starts_at, event.ends_at), (name, kind)
            is_personal = kind in {"request", "cancel"}
            assert uid.partition("@")[0] == ("registration-7" if is_personal else event.uid)
            assert sequence == (1 if is_personal else 0)
