"""What the worker does for registrations: each task calls one rule and may run twice."""

from celery import shared_task


@shared_task(name="registrations.keep_places_moving")
def keep_places_moving() -> None:
    """Every minute: places whose link nobody opened become free, and free places reach the people in line."""
    from registrations.services import signup, waiting_list

    signup.expire_held()
    waiting_list.serve_all()
