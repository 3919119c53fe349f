"""The ceiling of the pages: a Django that does nothing but answer, behind the same web server."""

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import path

PAGE = b"<!doctype html><title>bare</title>" + b"<p>A bare Django view.</p>" * 400  # 10 kB


def bare(request):
    return HttpResponse(PAGE)


urlpatterns = [path("", bare)]

if not settings.configured:
    settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="bare")  # noqa: S106
    application = get_wsgi_application()
