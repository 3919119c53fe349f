"""People who register the way the pages do, for tests of what happens afterwards."""

from registrations.services import signup


def register(event, **over):
    values = {
        "first_name": "Anna",
        "last_name": "Verdi",
        "email": "anna@example.org",
        "mode": "in_person",
        "consents": {"privacy": True},
    }
    return signup.register(event=event, **values | over)


def in_line(event, number=1, **over):
    """So many people who confirmed that they wait for a place of the full `event`, first come first."""
    people = [register(event, email=f"wait{n}@example.org", **over) for n in range(number)]
    for one in people:
        signup.confirm(registration=one)
        assert one.state == "waiting"
    return people
