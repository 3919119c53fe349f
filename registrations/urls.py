"""A participant's addresses: personal pages hang on an unguessable token, no account needed. Staff pages follow."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from registrations.views import certificates, door, groups, mails, participant, signing_up, staff, verification

app_name = "registrations"
urlpatterns = [
    path(_("events/<slug:slug>/registration/"), signing_up.create, name="create"),
    path(_("registrations/sent/<str:token>/"), signing_up.sent, name="sent"),
    path(_("registrations/<str:token>/"), participant.manage, name="manage"),
    path(_("registrations/<str:token>/confirm/"), signing_up.confirm, name="confirm"),
    path(_("registrations/<str:token>/mode/"), participant.change_mode, name="change-mode"),
    path(_("registrations/<str:token>/consents/"), participant.choose_consents, name="consents"),
    path(_("registrations/<str:token>/resend/"), participant.resend, name="resend"),
    path(_("registrations/<str:token>/cancel/"), participant.cancel, name="cancel"),
    path(_("registrations/<str:token>/online/"), participant.online, name="online"),
    path(_("registrations/<str:token>/event.ics"), participant.own_calendar, name="own-calendar"),
    path("t/<str:ticket>", participant.ticket, name="ticket"),
    path(_("verify/"), verification.form, name="verify-form"),
    path(_("verify/<str:code>/"), verification.verify, name="verify"),
    path(_("registrations/<str:token>/certificate/"), certificates.own_certificate, name="own-certificate"),
    path(_("desk/checkin/"), door.door, name="checkin"),
    path(_("desk/checkin/pair/"), door.pair_here, name="checkin-pair"),
    path(_("desk/checkin/worker.js"), door.worker, name="checkin-worker"),
    path(_("desk/events/<slug:slug>/phones/"), door.phones, name="devices"),
    path(_("desk/events/<slug:slug>/phones/<int:pk>/revoke/"), door.revoke, name="devices-revoke"),
    path(_("desk/events/<slug:slug>/groups/"), groups.board, name="groups"),
    path(_("desk/events/<slug:slug>/groups/late/"), groups.add_late, name="groups-late"),
    path(_("desk/events/<slug:slug>/groups/move/<int:pk>/"), groups.move, name="groups-move"),
    path(_("desk/events/<slug:slug>/groups/dissolve/"), groups.dissolve, name="groups-dissolve"),
    path(_("desk/events/<slug:slug>/groups/print/"), groups.wall_sheet, name="groups-print"),
    path(_("desk/my-groups/"), groups.my_groups, name="my-groups"),
    path(_("desk/events/<slug:slug>/certificates/"), certificates.board, name="certificates"),
    path(_("desk/events/<slug:slug>/certificates/<int:pk>/pdf/"), certificates.download, name="certificate-download"),
    path(_("desk/events/<slug:slug>/certificates/<int:pk>/resend/"), certificates.resend, name="certificate-resend"),
    path(_("desk/events/<slug:slug>/certificates/<int:pk>/revoke/"), certificates.revoke, name="certificate-revoke"),
    path(_("desk/events/<slug:slug>/certificates/replace/<int:pk>/"), certificates.reissue, name="certificate-reissue"),
    path(_("desk/events/<slug:slug>/mails/"), mails.listing, name="staff-mails"),
    path(_("desk/events/<slug:slug>/mails/<str:kind>/"), mails.preview, name="staff-mail-preview"),
    path(_("desk/events/<slug:slug>/mails/<str:kind>/html/"), mails.preview_html, name="staff-mail-preview-html"),
    path(_("desk/events/<slug:slug>/people/"), staff.people, name="staff-list"),
    path(_("desk/events/<slug:slug>/people/new/"), staff.by_hand, name="staff-create"),
    path(_("desk/events/<slug:slug>/people/export/"), staff.export, name="export"),
    path(_("desk/events/<slug:slug>/people/signatures/"), staff.signature_sheet, name="staff-signatures"),
    path(_("desk/events/<slug:slug>/people/<int:pk>/"), staff.person, name="staff-detail"),
    path(_("desk/events/<slug:slug>/people/<int:pk>/<str:action>/"), staff.act, name="staff-act"),
]
