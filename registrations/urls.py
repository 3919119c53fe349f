from django.urls import path
from django.utils.translation import gettext_lazy as _

from registrations.views import groups

app_name = "registrations"
urlpatterns = [
    path(_("desk/events/<slug:slug>/groups/"), groups.board, name="groups"),
    path(_("desk/events/<slug:slug>/groups/late/"), groups.add_late, name="groups-late"),
    path(_("desk/events/<slug:slug>/groups/move/<int:pk>/"), groups.move, name="groups-move"),
    path(_("desk/events/<slug:slug>/groups/dissolve/"), groups.dissolve, name="groups-dissolve"),
    path(_("desk/events/<slug:slug>/groups/print/"), groups.wall_sheet, name="groups-print"),
    path(_("desk/my-groups/"), groups.my_groups, name="my-groups"),
]
