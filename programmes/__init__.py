"""What was promised, where and with whom: programme, provinces, organisations, actions, targets."""
