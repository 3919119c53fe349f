"""The archive as an Atom feed (RFC 4287): for readers' own programs, and for partners' sites that take the news over.

One feed a language. An entry is the whole newsletter as everybody may read it, with whole addresses; its id never
changes (RFC 4151), so nobody reads the same one twice.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.http import http_date
from django.utils.timezone import localtime
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.http import conditional_page, require_safe

from core import markdown
from core.public_page import public_page
from newsletters.services import archive, composing
from programmes.context import current_frame

ENTRIES = 12


class WholeTexts(Atom1Feed):
    """Django's Atom feed, with the text itself in each entry and links to the same feed in the other languages."""

    content_type = "application/atom+xml; charset=utf-8"

    def latest_post_date(self):
        return self.feed["changed_at"] or super().latest_post_date()

    def add_root_elements(self, handler):
        super().add_root_elements(handler)
        handler.addQuickElement("generator", "Convivio")
        for language, address in self.feed["in_other_languages"].items():
            about = {"rel": "alternate", "type": "application/atom+xml", "hreflang": language, "href": address}
            handler.addQuickElement("link", "", about)

    def add_item_elements(self, handler, item):
        super().add_item_elements(handler, item)
        handler.addQuickElement("content", item["text"], {"type": "html"})


@require_safe
@conditional_page
@public_page()
def newsletters(request: HttpRequest) -> HttpResponse:
    """Everybody's: kept for seconds, and answered “not modified” to who has it already."""
    programme, language = current_frame(request).programme, get_language()
    issues = archive.issues(with_texts=True)[:ENTRIES]
    changed_at = max((archive.updated_at(issue.newsletter) for issue in issues), default=None)
    name = str(programme.name) if programme else "Convivio"
    feed = WholeTexts(
        title=_("Newsletter of %(programme)s") % {"programme": name},
        subtitle=str(programme.claim) if programme else None,
        link=settings.SITE_URL + reverse("newsletters:archive"),
        description=None,
        feed_url=_address(language),
        feed_guid=f"tag:{settings.SITE_HOST},2023:newsletters/{language}",
        language=language,
        author_name=archive.lead_name(programme) if programme else name,
        changed_at=changed_at and localtime(changed_at),
        in_other_languages={code: _address(code) for code, _name in settings.LANGUAGES if code != language},
    )
    pages = composing.web_versions([issue.newsletter for issue in issues], language)
    for issue in issues:
        feed.add_item(**_entry(issue, language, pages[issue.newsletter.pk]))
    response = HttpResponse(feed.writeString("utf-8"), content_type=WholeTexts.content_type)
    if changed_at:
        response["Last-Modified"] = http_date(changed_at.timestamp())
    return response


def _entry(issue: archive.Issue, language: str, page: composing.WebVersion) -> dict[str, object]:
    newsletter, address = issue.newsletter, archive.public_address(issue.newsletter)
    return {
        "title": page.subject,
        "link": address,
        "description": str(newsletter.theme) or None,
        "text": markdown.with_whole_addresses(page.body),
        "unique_id": f"tag:{settings.SITE_HOST},{newsletter.sent_at:%Y-%m-%d}:newsletter/{newsletter.slug}/{language}",
        "pubdate": localtime(newsletter.sent_at),
        "updateddate": localtime(archive.updated_at(newsletter)),
    }


def _address(language: str) -> str:
    with override(language):
        return settings.SITE_URL + reverse("newsletters:feed")
