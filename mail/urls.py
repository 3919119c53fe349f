"""The staff's mail pages."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from mail import views

app_name = "mail"
urlpatterns = [
    path(_("desk/mail/"), views.preview, name="preview"),
    path(_("desk/mail/preview.html"), views.preview_html, name="preview-html"),
    path(_("desk/mail/box/"), views.mailbox, name="mailbox"),
    path(_("desk/mail/box/<int:pk>/"), views.message, name="mailbox-message"),
    path(_("desk/mail/box/<int:pk>/html/"), views.message_html, name="mailbox-html"),
    path(_("desk/mail/box/<int:pk>/file/"), views.message_file, name="mailbox-file"),
]
