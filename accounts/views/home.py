"""The desk's first page and its search: both only gather what the rooms bring."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts import desk

SHORTEST, LONGEST = 2, 300


@desk.page()
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/home.html", {"panels": desk.panels_for(request)})


@desk.page()
def search(request: HttpRequest) -> HttpResponse:
    words = request.GET.get("q", "").strip()[:LONGEST]
    is_asked = len(words) >= SHORTEST
    found = desk.find(request.user, words) if is_asked else []
    return render(request, "accounts/search.html", {"words": words, "is_asked": is_asked, "found": found})
