"""What we tell people: subscriptions and their proof, audiences, newsletters, their archive."""
