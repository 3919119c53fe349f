"""What must never happen, provoked on purpose: processes killed, a broker emptied, a database pulled away.

`kill_matrix` plays it on a throw-away stage (that of the benchmarks), `judge` says from the mail server's own log what
came of it, `hurry` makes the waits short. `manage.py kill_matrix` runs it; decision 20 says what it proves.
"""
