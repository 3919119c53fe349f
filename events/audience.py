"""For whom an event is, in one sentence: the same on its page, on the form, in the mails and for programs."""

from django.utils.translation import gettext as _

from events.models import Event

Access = Event.Access


def in_words(event: Event) -> str:
    """Empty where everybody may come. One question to the database where the event is for an audience."""
    if event.access == Access.INVITATION:
        return _("For people who were invited: one registers by the link in the invitation.")
    if event.access == Access.AUDIENCE:
        return _of_audience(event)
    return ""


def _of_audience(event: Event) -> str:
    names = [one.name for one in event.audience_organisations.all()]
    facts = {"organisations": _listed(names), "role": event.audience_role}
    if names and event.audience_role:
        return _("For people of %(organisations)s with the role “%(role)s”.") % facts
    if names:
        return _("For people of %(organisations)s.") % facts
    if event.audience_role:
        return _("For people of the programme’s organisations with the role “%(role)s”.") % facts
    return _("For people of the programme’s organisations.")


def _listed(names: list[str]) -> str:
    if len(names) < 2:
        return "".join(names)
    return _("%(several)s or %(last)s") % {"several": ", ".join(names[:-1]), "last": names[-1]}
