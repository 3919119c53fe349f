"""The demo: a programme in the middle of its life, lived through the same services that pages, doors and workers call.

Without a stage the whole programme moves so that today is in its middle: events that are over with everything that
happened, a lab that is running now, others open, nearly full, full with a waiting list, or not open yet; newsletters
sent and still to be written. With a stage only the next seminar and lab in which nobody is registered are put into it.
Called by `manage.py demo`, and by `up` on its first start. All in one transaction: there is a whole demo or none.
"""

import io
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone, translation
from i18nfield.strings import LazyI18nString
from PIL import Image, ImageDraw

from accounts.models import Membership, User
from config import programme as loading
from config.demo import asked
from config.demo.people import people
from config.demo.story import DAY, HOUR, Stage, Story, at, place
from events.models import Event
from mail.models import Delivery
from newsletters.models import Newsletter
from newsletters.services import figures, pictures, scheduling, sending, subscriptions, writing
from newsletters.services.audiences import Audience
from programmes.models import Programme, Target, Territory
from registrations.models import Registration

DOMAIN = "vlt.example"
STAFF = [
    ("carla", "Carla", "Bonaccorsi", "coordinator", "everywhere"),
    ("piero", "Piero", "Giuntoli", "organiser", "here"),
    ("lucia", "Lucia", "Del Bianco", "organiser", "elsewhere"),
    ("dora", "Dora", "Tofani", "door", "here"),
    ("fabio", "Fabio", "Meini", "facilitator", "both"),
    ("fatima", "Fatima", "El Amrani", "facilitator", "both"),
    ("niccolo", "Niccolò", "D'Angelo", "facilitator", "both"),
    ("nora", "Nora", "Caciagli", "communications", "everywhere"),
    ("vito", "Vito", "Landucci", "viewer", "everywhere"),
]
RUNNING, GROUPED = "laboratorio-pisa", "laboratorio-lucca"
NEARLY_FULL, FULL = "seminario-pistoia", "laboratorio-pistoia"
SUBSCRIBERS = 90
SENT = 2
QUESTIONNAIRES = 287
HOLIDAYS = {(1, 1), (1, 6), (4, 25), (5, 1), (6, 2), (8, 15), (11, 1), (12, 8), (12, 24), (12, 25), (12, 26), (12, 31)}


@dataclass(frozen=True)
class DemoAccount:
    email: str
    name: str
    role: str
    province: str


@dataclass
class Told:
    """What the demo did, for whoever called it."""

    events: list[tuple[Event, Stage]] = field(default_factory=list)
    registrations: int = 0


class DemoError(Exception):
    """The demo cannot be made; the sentence says why. Nothing was changed."""


def accounts() -> list[DemoAccount]:
    """The demo's accounts that there are, in the order of their roles. One logs in with a code sent by mail."""
    rank = {f"{name}@{DOMAIN}": number for number, (name, *_rest) in enumerate(STAFF)}
    memberships = Membership.objects.filter(user__email__in=rank).select_related("user", "territory")
    found: dict[str, list[Membership]] = {}
    for membership in sorted(memberships, key=lambda one: (rank[one.user.email], str(one.territory))):
        found.setdefault(membership.user.email, []).append(membership)
    return [
        DemoAccount(
            email,
            str(many[0].user),
            str(many[0].get_role_display()),
            ", ".join(one.territory.name for one in many if one.territory),
        )
        for email, many in found.items()
    ]


@transaction.atomic
def fill(*, stage: Stage | None = None, number: int = 300, seed: int = 1) -> Told:
    """Make the demo with `number` invented people. Raises DemoError."""
    random, now = Random(seed), timezone.now()  # noqa: S311 (a story, not a secret)
    programme = Programme.objects.current() or loading.load("vlt").programme
    story, told = Story(people(number, random), random, now), Told()
    if stage:
        chosen = _next(programme)
        _staff(programme, chosen[-1].territory, None)
        for event in chosen:
            place(event, stage, now)
            _live(story, told, event, stage, share=min(0.1 + number / 600, 0.9))
    else:
        _whole_programme(programme, story, told, random, now)
    _sent_long_ago(now)
    return told


def _next(programme: Programme) -> list[Event]:
    """The next seminar and lab in which nobody is registered; when all are over, the first such."""
    free = programme.events.filter(registrations=None, cancelled_at=None, published_at__isnull=False)
    chosen = []
    for kind in ("seminar", "lab"):
        of_kind = free.filter(kind=kind).order_by("starts_at", "pk")
        event = of_kind.filter(starts_at__gt=timezone.now()).first() or of_kind.first()
        if event:
            chosen.append(event)
    if not chosen:
        raise DemoError(
            "No seminar and no lab is left in which nobody is registered. "
            "Begin anew in another directory: `manage.py up --data DIR`."
        )
    return chosen


def _whole_programme(programme: Programme, story: Story, told: Told, random: Random, now: datetime) -> None:
    if Registration.objects.filter(event__programme=programme).exists():
        raise DemoError("People are registered in this programme already. Use --stage for single events.")
    programme = _moved(programme, now)
    for event in programme.events.filter(online_capacity__isnull=False, online_url=""):
        Event.objects.filter(pk=event.pk).update(online_url=f"https://sala.{DOMAIN}/{event.slug}")
    events = {event.slug: event for event in programme.events.select_related("territory").order_by("starts_at", "pk")}
    running = events.get(RUNNING) or next((one for one in events.values() if one.starts_at > now), None)
    if running:
        place(running, Stage.RUNNING, now)
    elsewhere = events[GROUPED].territory if GROUPED in events else None
    _staff(programme, running.territory if running else None, elsewhere)
    for event in sorted(events.values(), key=lambda one: (one.starts_at, one.pk)):
        stage = _stage_of(event, now)
        usual = random.uniform(0.15, 0.22) if stage == Stage.OVER else 0.2
        share = {NEARLY_FULL: 0.95, FULL: 1, RUNNING: 0.85, GROUPED: 0.5}.get(
            event.slug, usual * len(story.people) / 300
        )
        _live(story, told, event, stage, share=min(share, 1))
    _letters(programme, random)
    Target.objects.filter(action__programme=programme, slug="questionari").update(
        recorded=QUESTIONNAIRES, recorded_on=timezone.localdate() - 3 * DAY
    )


def _moved(programme: Programme, now: datetime) -> Programme:
    """Load the programme again so that the day of RUNNING was in the week before today, or in one beside that has
    fewer events on holidays."""
    event = programme.events.filter(slug=RUNNING).first()
    if event is None or not (loading.CATALOGUE / f"{programme.slug}.toml").exists():
        return programme
    days = (now - DAY - event.starts_at).days // 7 * 7
    starts = [
        one.astimezone(ZoneInfo(programme.time_zone)) for one in programme.events.values_list("starts_at", flat=True)
    ]
    days += min((0, 7, -7), key=lambda more: sum(is_holiday(start + (days + more) * DAY) for start in starts))
    return loading.load(programme.slug, programme.starts_on + timedelta(days=days)).programme


def is_holiday(moment: datetime) -> bool:
    return (moment.month, moment.day) in HOLIDAYS


def _stage_of(event: Event, now: datetime) -> Stage:
    if event.ends_at <= now:
        return Stage.OVER
    if event.starts_at <= now:
        return Stage.RUNNING
    return Stage.OPEN if event.registration_opens_at < now - DAY else Stage.PLANNED


def _live(story: Story, told: Told, event: Event, stage: Stage, share: float) -> None:
    told.events.append((event, stage))
    if stage == Stage.PLANNED:
        return
    asked.prepare(event)
    story.sign_ups(event, share, waiting=4 if share == 1 else 0)
    if stage in {Stage.RUNNING, Stage.OVER}:
        organiser = User.objects.filter(email=f"piero@{DOMAIN}").first()
        story.arrivals(event, organiser)
        story.online(event)
    if stage == Stage.OVER:
        if event.kind_facts.has_groups and User.objects.facilitators_at(event).exists():
            story.groups(event)
        story.departures(event)
        story.certificates(event)
    told.registrations += event.registrations.count()


def _staff(programme: Programme, here: Territory | None, elsewhere: Territory | None) -> None:
    """One account a role. Who is `here` works in the province where something happens today."""
    where = {"everywhere": [None], "here": [here], "elsewhere": [elsewhere or here], "both": {here, elsewhere or here}}
    for name, first_name, last_name, role, place_of_work in STAFF:
        user = User.objects.filter(email=f"{name}@{DOMAIN}").first() or User.objects.create_user(
            f"{name}@{DOMAIN}", first_name=first_name, last_name=last_name
        )
        for territory in where[place_of_work]:
            Membership.objects.get_or_create(user=user, programme=programme, role=role, territory=territory)


def _letters(programme: Programme, random: Random) -> None:
    """The first went out in their months, to people who had subscribed before; the next one ahead is scheduled."""
    territories = list(programme.territories.all())
    letters = list(programme.newsletters.filter(state=Newsletter.State.DRAFT).order_by("due_on")[:SENT])
    if not letters:
        return
    zone = ZoneInfo(programme.time_zone)
    leaves = [datetime.combine(letter.due_on, time(9), zone) for letter in letters]
    for person in people(SUBSCRIBERS, random):
        asked_at = leaves[0] - random.uniform(1, 40) * DAY
        with at(asked_at):
            subscriptions.add_with_proof(
                programme=programme,
                email=person.email.replace("@", ".lettrice@"),
                consent_text=subscriptions.consent_text(programme),
                consent_source="demo",
                consent_at=asked_at,
                language=person.language,
                first_name=person.first_name,
                last_name=person.last_name,
                territory=random.choice(territories) if territories else None,
            )
    for letter, moment in zip(letters, leaves, strict=True):
        with at(moment):
            scheduling.send_now(newsletter=letter, by=User.objects.get(email=f"nora@{DOMAIN}"))
            sending.start(letter.pk)
        _visits(letter, moment, random)
    ahead = programme.newsletters.filter(state=Newsletter.State.DRAFT, due_on__gt=timezone.localdate())
    for letter in ahead.order_by("due_on")[:1]:
        _illustrate(letter)
        scheduling.schedule(
            newsletter=letter,
            send_at=datetime.combine(letter.due_on, time(9), zone),
            by=User.objects.get(email=f"nora@{DOMAIN}"),
        )


def _illustrate(letter: Newsletter) -> None:
    """A drawn placeholder on top of the letter, where the photograph of a lab would stand."""
    drawn = Image.new("RGB", (1120, 460), "#FBF7F0")
    pen = ImageDraw.Draw(drawn)
    pen.rectangle((0, 400, 1120, 460), fill="#1F4D3A")
    for number, colour in enumerate(("#1F4D3A", "#A8431F", "#6B746F", "#A8431F", "#1F4D3A")):
        pen.ellipse((130 + number * 180, 90, 250 + number * 180, 210), fill=colour)
        pen.rounded_rectangle((110 + number * 180, 220, 270 + number * 180, 400), 60, fill=colour)
    pen.text((24, 412), "Segnaposto: qui la foto del laboratorio", fill="#FFFFFF", font_size=30)
    file = io.BytesIO()
    drawn.save(file, "PNG")
    nora = User.objects.get(email=f"nora@{DOMAIN}")
    picture = pictures.add(
        programme=letter.programme,
        upload=SimpleUploadedFile("laboratorio.png", file.getvalue()),
        alternative="Cinque persone intorno a un tavolo (segnaposto per la foto di un laboratorio)",
        by=nora,
    )
    words = dict(letter.body.data)
    words["it"] = f"![{picture.in_brackets}]({picture.file.url})\n\n{words['it'].lstrip()}"
    writing.save(
        newsletter=letter,
        subject=letter.subject,
        body=LazyI18nString(words),
        audience=Audience.of(letter),
        version=letter.version,
        by=nora,
    )


def _visits(letter: Newsletter, moment: datetime, random: Random) -> None:
    """Most who follow a link do so on the first day, and open the letter's own page or what it is about."""
    with translation.override("it"):
        pages = [letter.get_absolute_url(), letter.get_absolute_url(), reverse("events:list"), reverse("events:home")]
    for _visit in range(random.randrange(35, 60)):
        with at(min(moment + random.expovariate(1 / 40) * HOUR, timezone.now())):
            figures.count_visit(slug=letter.slug, page=random.choice(pages))


def _sent_long_ago(now: datetime) -> None:
    """What was owed in past days left in those days: the one thing that no service can do for a past moment.

    Of today's mail nothing is touched, so that the worker has a few letters to send and the mailbox page some to show.
    """
    Delivery.objects.filter(state=Delivery.State.PENDING, not_before__lt=now - 12 * HOUR).update(
        state=Delivery.State.SENT, sent_at=F("not_before"), attempts=1
    )
    sending.finish_sent()
