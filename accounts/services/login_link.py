"""A link that logs somebody in once, for the day that mail is down. Made only by the command `login_code`.

Signed, good for ten minutes, and only as long as she has not logged in since it was made: so for one time. A second
factor, where she has one, is still asked. Nothing is stored.
"""

from django.core import signing

from accounts.models import User

SALT = "accounts.login_link"
SECONDS = 600


def make(*, user: User) -> str:
    """The token that stands in the link."""
    return signing.dumps([user.pk, _last_login(user)], salt=SALT)


def user_of(*, token: str) -> User | None:
    """Who may come in with this token now; None for a forged, old or used one."""
    try:
        pk, last_login = signing.loads(token, salt=SALT, max_age=SECONDS)
    except signing.BadSignature:
        return None
    user = User.objects.filter(pk=pk, is_active=True).first()
    return user if user and _last_login(user) == last_login else None


def _last_login(user: User) -> str:
    return user.last_login.isoformat() if user.last_login else ""
