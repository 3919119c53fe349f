"""The timetable: what is looked after although nobody rang. One line a job; every one may run twice without harm."""

TIMETABLE = {
    "say that beat and worker are alive": {"task": "config.tick", "schedule": 10},
    "send what is due": {"task": "mail.drain", "schedule": 30},
    "settle interrupted sendings": {"task": "mail.settle", "schedule": 60},
    "take what came back": {"task": "mail.fetch_returns", "schedule": 300},
    "free places nobody confirmed, serve who waits": {"task": "registrations.keep_places_moving", "schedule": 60},
    "tell who has not heard that an event changed": {"task": "registrations.tell_changes", "schedule": 300},
    "count presence anew where the rule changed": {"task": "registrations.recount", "schedule": 300},
    "send invitations that are owed": {"task": "registrations.send_invitations", "schedule": 300},
    "remind before events, thank after them": {"task": "registrations.send_planned", "schedule": 60},
    "start newsletters that are due, close those that are sent": {"task": "newsletters.dispatch", "schedule": 30},
    "follow what people chose about the newsletter": {"task": "newsletters.follow_consents", "schedule": 300},
    "bring in lists of readers that were agreed to": {"task": "newsletters.import_lists", "schedule": 300},
    "send the links that somebody lost": {"task": "registrations.send_links", "schedule": 60},
    "issue certificates after events": {"task": "registrations.issue_owed_certificates", "schedule": 600},
    "forget registrations that nobody confirmed": {"task": "registrations.forget", "schedule": 3600},
    "forget subscriptions that nobody confirmed": {"task": "newsletters.forget", "schedule": 3600},
    "forget mails that left long ago": {"task": "mail.forget", "schedule": 3600},
    "forget sessions that are over": {"task": "config.forget_sessions", "schedule": 3600},
}
