"""What staff upload for everybody: logos and materials, under `/media/`.

A file may be anything, so only pictures and PDFs open in the page; the rest is a download, and no file may run a script
or load anything on this site's behalf. What is meant for one person is never here: it lives in the private storage.
A larger site lets its web server answer for this address (docs/operating.md).
"""

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from django.views.static import serve

OPENS = {"image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf"}


@require_safe
@cache_control(public=True, max_age=3600)
def uploaded(request: HttpRequest, path: str) -> HttpResponse:
    response = serve(request, path, document_root=settings.MEDIA_ROOT)
    if isinstance(response, FileResponse):
        response["Content-Security-Policy"] = "default-src 'none'; img-src 'self'; object-src 'self'; style-src 'none'"
        if response["Content-Type"].partition(";")[0] not in OPENS:
            response["Content-Disposition"] = "attachment"
            response["Content-Type"] = "application/octet-stream"
    return response
