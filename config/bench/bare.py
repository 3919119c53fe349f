"""The ceiling: a Django that does nothing but answer, or write one row and answer, behind the same web server."""

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpResponse, JsonResponse
from django.urls import path

from config import environment

PAGE = b"<!doctype html><title>bare</title>" + b"<p>A bare Django view.</p>" * 400  # 10 kB


def bare(request):
    return HttpResponse(PAGE)


def insert(request):
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO bench_ceiling VALUES (1, 'one row')")
    return JsonResponse({"status": "ok"})


urlpatterns = [path("", bare), path("insert", insert)]

if not settings.configured:
    settings.configure(
        ROOT_URLCONF=__name__,
        ALLOWED_HOSTS=["*"],
        SECRET_KEY="bare",  # noqa: S106
        DATABASES={"default": environment.database("DATABASE_URL", "sqlite:///:memory:") | {"CONN_MAX_AGE": None}},
    )
    application = get_wsgi_application()
