"""The demonstration: its content, its visitors, and the processes it runs."""
