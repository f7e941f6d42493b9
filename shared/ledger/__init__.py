"""What is known of each finding over time, and what is still to be delivered."""
