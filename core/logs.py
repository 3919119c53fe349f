"""What a log line may say: no address of a page, as it may hold somebody's personal link, and no words of an error.

An answer of 4xx is told as status, method and name of the view; an error of a page or a task with its kind and where in
the code it happened, as what a database or a mail server says may name a person. The settings put this on every line.
"""

import logging
import traceback


class NothingPersonal(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        status, request = getattr(record, "status_code", None), getattr(record, "request", None)
        if status is not None and request is not None:
            view = getattr(getattr(request, "resolver_match", None), "view_name", None)
            record.msg, record.args = "%s %s %s", (status, request.method, view or "no page of ours")
            if status < 500:
                record.exc_info = record.exc_text = None
        elif record.name == "celery.app.trace" and isinstance(record.args, dict) and record.exc_info:
            kind = record.exc_info[0].__name__
            record.args = {**record.args, "exc": kind, "traceback": "", "args": "…", "kwargs": "…"}
        if record.exc_info and record.exc_info[0]:
            kind, _error, where = record.exc_info
            record.exc_text = "".join(traceback.format_tb(where)) + kind.__name__
            record.exc_info = None
        return True
