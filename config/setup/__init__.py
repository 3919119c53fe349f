"""What must be there before anything runs: front-end packages, exact versions, translations, database, static files."""
