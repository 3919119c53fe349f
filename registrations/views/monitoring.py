"""What the funder is told, for who coordinates: the indicators as sums, the plain answers as a file, what is asked."""

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts import desk
from accounts.services import trail
from programmes.context import current_frame
from programmes.models import Programme
from programmes.services import monitoring as choosing
from registrations import exports
from registrations.desk import EXPORTED_MONITORING, PROFILES_CHOSEN
from registrations.forms.monitoring import ProfilesForm
from registrations.services import reporting

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _programme(request: HttpRequest) -> Programme:
    programme = current_frame(request).programme
    if programme is None or not request.user.has_perm("registrations.view_monitoring", programme):
        raise Http404
    return programme


@desk.page("registrations.view_monitoring")
def report(request: HttpRequest) -> HttpResponse:
    programme = _programme(request)
    may_rule = request.user.has_perm("registrations.rule", programme)
    form = ProfilesForm(request.POST or None, programme=programme)
    if may_rule and form.is_valid():
        choosing.choose_profiles(programme=programme, profiles=form.cleaned_data)
        trail.note(actor=request.user, subject=programme, act=PROFILES_CHOSEN)
        messages.success(request, _("Saved. It counts for who registers from now on."))
        return redirect("registrations:monitoring")
    context = {"report": reporting.report(programme), "form": form, "may_rule": may_rule}
    return render(request, "registrations/staff/monitoring.html", context)


@desk.page("registrations.view_monitoring")
def export(request: HttpRequest) -> HttpResponse:
    """The answers that are not sensitive, by name. It is written in the trail."""
    programme = _programme(request)
    found = reporting.people_asked(programme).by_name()
    trail.note(actor=request.user, subject=programme, act=EXPORTED_MONITORING, detail=f"({found.count()})")
    if request.GET.get("format") == "csv":
        response = StreamingHttpResponse(
            exports.as_csv(exports.Monitoring, found), content_type="text/csv; charset=utf-8"
        )
        response["Content-Disposition"] = 'attachment; filename="monitoring.csv"'
        return response
    book = exports.as_xlsx(exports.Monitoring, found)
    return FileResponse(book, as_attachment=True, filename="monitoring.xlsx", content_type=XLSX)
