"""The programme's pictures for newsletters: taken in, put into a text, thrown away. In the editor it is a dialog."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.desk import page
from core.errors import refusals_shown
from newsletters.forms.pictures import PictureForm
from newsletters.models import Picture
from newsletters.services import NewsletterError, pictures
from programmes.context import current_frame

SHOWN = 60


@page("newsletters.change")
def gallery(request: HttpRequest) -> HttpResponse:
    programme = current_frame(request).programme
    if programme is None or not request.user.has_perm("newsletters.change", programme):
        raise PermissionDenied
    form = PictureForm(request.POST or None, request.FILES or None)
    added = None
    if request.method == "POST" and form.is_valid():
        try:
            data = form.cleaned_data
            added = pictures.add(
                programme=programme, upload=data["file"], alternative=data["alternative"], by=request.user
            )
        except NewsletterError as error:
            error.add_to(form)
    if added and not request.htmx:
        return redirect("newsletters:staff-pictures")
    found = Picture.objects.visible_to(request.user).filter(programme=programme)[:SHOWN]
    context = {"form": PictureForm() if added else form, "pictures": found, "added": added}
    return render(request, f"newsletters/desk/{'pictures_inside' if request.htmx else 'pictures'}.html", context)


@page("newsletters.change")
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    picture = get_object_or_404(Picture.objects.visible_to(request.user, "newsletters.change"), pk=pk)
    with refusals_shown(request):
        pictures.remove(picture=picture)
        messages.success(request, _("The picture is deleted."))
    return redirect("newsletters:staff-pictures")
