"""The desk, and the doors to it. Of allauth's pages only those that are used here exist."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from accounts.views import home, login, people

app_name = "accounts"
urlpatterns = [
    path(_("desk/"), home.home, name="desk"),
    path(_("desk/search/"), home.search, name="search"),
    path(_("desk/people/"), people.people, name="people"),
    path(_("desk/people/add/"), people.add, name="person-add"),
    path(_("desk/people/<int:pk>/active/"), people.set_active, name="person-active"),
    path(_("desk/people/roles/<int:pk>/take/"), people.take_role, name="role-take"),
    path(_("accounts/login/link/<str:token>/"), login.by_link, name="login-link"),
    path(_("accounts/login/codes/"), login.local_codes, name="local-codes"),
]
