"""A participant's path: sign up, wait, change, come in, sit in a group, attend, take home a certificate."""
