"""The newsletter as it would arrive: on a phone, on a computer, in the dark, as plain text, as the copy of one reader.

What is typed and whose copy it is come by POST: no personal data stands in an address or in a log.
"""

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp_replace
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from accounts.desk import page
from newsletters.forms.editor import EditorForm
from newsletters.forms.preview import Look, PreviewForm
from newsletters.models import Newsletter, Subscription
from newsletters.services import composing
from newsletters.views.desk import find
from newsletters.views.large_texts import takes_large_texts

MAIL_POLICY = {
    "default-src": [NONE],
    "script-src": [NONE],
    "form-action": [NONE],
    "style-src": [UNSAFE_INLINE],
    "img-src": [SELF, "data:"],
    "frame-ancestors": [SELF],
}
"""A mail has its styles in its elements, and nothing else to load."""


@page("newsletters.view")
@csp_replace(MAIL_POLICY)
@takes_large_texts
def preview(request: HttpRequest, slug: str) -> HttpResponse:
    """What is saved (GET) or what is being written (POST)."""
    newsletter = find(request, slug)
    form = EditorForm(request.POST or None, newsletter=newsletter)
    shown = PreviewForm(request.POST or None, newsletter=newsletter)
    mail = composing.as_read_by(form.draft(), _reader(request, newsletter, shown), is_on_page=True)
    if shown.screen == Look.TEXT:
        return HttpResponse(mail.text, content_type="text/plain; charset=utf-8")
    return HttpResponse(composing.in_the_dark(mail.html) if shown.screen == Look.DARK else mail.html)


def _reader(request: HttpRequest, newsletter: Newsletter, shown: PreviewForm) -> Subscription:
    """The reader chosen, by whom may know the readers; otherwise whoever looks."""
    chosen = shown.chosen() if request.user.has_perm("newsletters.change", newsletter) else None
    me = request.user
    return chosen or Subscription(
        email=me.email, first_name=me.first_name, last_name=me.last_name, language=shown.language
    )


@page("newsletters.change")
@require_POST
@takes_large_texts
def readers(request: HttpRequest, slug: str) -> HttpResponse:
    """The readers found, one to be ticked."""
    newsletter = find(request, slug, "newsletters.change")
    shown = PreviewForm(request.POST, newsletter=newsletter)
    return render(request, "newsletters/desk/preview_readers.html", {"preview": shown, "found": shown.found()})
