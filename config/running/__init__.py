"""What `up` runs: its options, the processes, who keeps them alive, and a certificate for phones."""
