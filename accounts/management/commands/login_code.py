"""`manage.py login_code EMAIL`: a one-time link to log in, for the day that mail is down. Run at the server's shell."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from accounts.models import User
from accounts.services import login_link
from core.addresses import normalise_email


class Command(BaseCommand):
    help = "Prints a link that logs a member of staff in, once, within ten minutes."

    def add_arguments(self, parser):
        parser.add_argument("email")

    def handle(self, *args, email, **options):
        user = User.objects.filter(email=normalise_email(email), is_active=True).first()
        if user is None:
            raise CommandError(f"Nobody on the staff has the address {email}.")
        self.stdout.write(f"{settings.SITE_URL}{reverse('accounts:login-link', args=[login_link.make(user=user)])}")
        self.stdout.write("Good for ten minutes and for one login. Open it in your browser.")
