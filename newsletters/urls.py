"""Newsletters for everybody: archive, one of them, a reader's own pages. For the staff: writing and sending."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from newsletters import feeds
from newsletters.views import (
    archive,
    audiences,
    before,
    correct,
    desk,
    editor,
    figures,
    pictures,
    preview,
    reader,
    readers,
    sharing,
    versions,
)

app_name = "newsletters"
urlpatterns = [
    path(_("newsletter/"), archive.index, name="archive"),
    path(_("newsletter/subscribe/"), reader.subscribe, name="subscribe"),
    path(_("newsletter/confirm/<str:token>/"), reader.confirm, name="confirm"),
    path(_("newsletter/preferences/<str:token>/"), reader.preferences, name="preferences"),
    path(_("newsletter/unsubscribe/<str:token>/"), reader.unsubscribe, name="unsubscribe"),
    path("newsletter/feed.atom", feeds.newsletters, name="feed"),
    path(_("newsletter/<slug:slug>/"), archive.detail, name="detail"),
    path("newsletter/<slug:slug>/preview.png", archive.picture, name="picture"),
    path(_("desk/newsletters/"), desk.listing, name="staff-list"),
    path(_("desk/newsletters/new/"), desk.begin, name="staff-create"),
    path(_("desk/newsletters/readers/"), readers.overview, name="staff-readers"),
    path(_("desk/newsletters/readers/list/"), readers.bring, name="staff-readers-bring"),
    path(_("desk/newsletters/readers/<int:pk>/"), readers.detail, name="staff-reader"),
    path(_("desk/newsletters/readers/<int:pk>/leave/"), readers.leave, name="staff-reader-leave"),
    path(_("desk/newsletters/readers/<int:pk>/proof/"), readers.proof, name="staff-reader-proof"),
    path(_("desk/newsletters/audiences/"), audiences.listing, name="staff-audiences"),
    path(_("desk/newsletters/pictures/"), pictures.gallery, name="staff-pictures"),
    path(_("desk/newsletters/pictures/<int:pk>/delete/"), pictures.remove, name="staff-picture-delete"),
    path(_("desk/newsletters/<slug:slug>/"), editor.edit, name="staff-edit"),
    path(_("desk/newsletters/<slug:slug>/preview/"), preview.preview, name="staff-preview"),
    path(_("desk/newsletters/<slug:slug>/preview/readers/"), preview.readers, name="staff-preview-readers"),
    path(_("desk/newsletters/<slug:slug>/versions/"), versions.listing, name="staff-versions"),
    path(_("desk/newsletters/<slug:slug>/versions/<int:number>/"), versions.show, name="staff-version"),
    path(_("desk/newsletters/<slug:slug>/versions/<int:number>/restore/"), versions.restore, name="staff-restore"),
    path(_("desk/newsletters/<slug:slug>/audience/"), editor.reach, name="staff-reach"),
    path(_("desk/newsletters/<slug:slug>/audience/saved/"), audiences.audience, name="staff-audience"),
    path(_("desk/newsletters/<slug:slug>/before/"), before.before, name="staff-before"),
    path(_("desk/newsletters/<slug:slug>/progress/"), desk.progress, name="staff-progress"),
    path(_("desk/newsletters/<slug:slug>/figures/"), figures.show, name="staff-figures"),
    path(_("desk/newsletters/<slug:slug>/figures/<str:part>.csv"), figures.export, name="staff-figures-export"),
    path(_("desk/newsletters/<slug:slug>/share/"), sharing.show, name="staff-share"),
    path(_("desk/newsletters/<slug:slug>/share/picture.png"), sharing.picture, name="staff-share-picture"),
    path(_("desk/newsletters/<slug:slug>/steer/"), desk.steer, name="staff-steer"),
    path(_("desk/newsletters/<slug:slug>/correct/"), correct.correct, name="staff-correct"),
    path(_("desk/newsletter-rules/"), desk.rules, name="staff-rules"),
]
