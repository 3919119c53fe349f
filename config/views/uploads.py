"""What staff upload for everybody: logos and materials, under `/media/`.

Materials are had by whom their event's page is shown to, and by the staff who prepare it; logos by everybody.
A file may be anything, so only pictures and PDFs open in the page; the rest is a download, and no file may run a script
or load anything on this site's behalf. What is meant for one person is never here: it lives in the private storage.
"""

import posixpath

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_safe
from django.views.static import serve

from events.models import MATERIALS, Material

OPENS = {"image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf"}


@require_safe
def uploaded(request: HttpRequest, path: str) -> HttpResponse:
    path = posixpath.normpath(path).lstrip("/")
    if not path.startswith(MATERIALS):
        return _file(request, path)
    found = Material.objects.filter(file=path)
    if found.public().exists():
        return _file(request, path)
    if not found.visible_to(request.user).exists():
        raise Http404
    return never_cache(_file)(request, path)


@cache_control(public=True, max_age=300)
def _file(request: HttpRequest, path: str) -> HttpResponse:
    response = serve(request, path, document_root=settings.MEDIA_ROOT)
    if isinstance(response, FileResponse):
        response["Content-Security-Policy"] = "default-src 'none'; img-src 'self'; object-src 'self'; style-src 'none'"
        if response["Content-Type"].partition(";")[0] not in OPENS:
            response["Content-Disposition"] = "attachment"
            response["Content-Type"] = "application/octet-stream"
    return response
