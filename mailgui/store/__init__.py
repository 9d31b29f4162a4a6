"""What is kept: profiles, secrets and the history."""
