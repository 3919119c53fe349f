"""The staff's mail pages."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from mail.views import doubts, history, home, mailbox, preview, sender

app_name = "mail"
urlpatterns = [
    path(_("desk/mail/"), home.home, name="home"),
    path(_("desk/mail/rate/"), home.set_rate, name="rate"),
    path(_("desk/mail/release/"), home.release, name="release"),
    path(_("desk/mail/address/"), home.address, name="address"),
    path(_("desk/mail/preview/"), preview.preview, name="preview"),
    path(_("desk/mail/preview.html"), preview.preview_html, name="preview-html"),
    path(_("desk/mail/doubts/"), doubts.listing, name="doubts"),
    path(_("desk/mail/doubts/decide/"), doubts.decide, name="doubts-decide"),
    path(_("desk/mail/sender/"), sender.sender, name="sender"),
    path(_("desk/mail/history/<int:pk>/"), history.history, name="history"),
    path(_("desk/mail/history/<int:pk>/free/"), history.free, name="free"),
    path(_("desk/mail/box/"), mailbox.mailbox, name="mailbox"),
    path(_("desk/mail/box/<int:pk>/"), mailbox.message, name="mailbox-message"),
    path(_("desk/mail/box/<int:pk>/html/"), mailbox.message_html, name="mailbox-html"),
    path(_("desk/mail/box/<int:pk>/file/"), mailbox.message_file, name="mailbox-file"),
]
