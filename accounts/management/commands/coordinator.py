"""`manage.py coordinator EMAIL --name "First Last"`: the account that appoints all others. Run at the server's shell.

For a new programme in which nobody works yet, and for the day that its coordinators have all gone.
"""

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError
from django.core.validators import validate_email

from accounts.services import staffing
from core.commands import HouseCommand
from programmes.models import Programme


class Command(HouseCommand):
    help = "Makes somebody a coordinator of the programme on show; her account is made when there is none."

    def add_arguments(self, parser):
        parser.add_argument("email")
        parser.add_argument("--name", required=True, metavar='"FIRST LAST"')

    def handle(self, *args, email, name, **options):
        programme = Programme.objects.current()
        if programme is None:
            raise CommandError("There is no programme yet: load one with `manage.py load_programme NAME|FILE`.")
        first_name, _space, last_name = " ".join(name.split()).partition(" ")
        try:
            validate_email(email)
            membership = staffing.appoint_coordinator(
                programme=programme, email=email, first_name=first_name, last_name=last_name
            )
        except ValidationError as error:
            raise CommandError(f"“{email}” is not an e-mail address.") from error
        email = membership.user.email
        self.stdout.write(f"{membership.user} coordinates {programme.name}. The code to log in is mailed to {email};")
        self.stdout.write(f"or, on this machine: manage.py login_code {email}")
