"""Messages: from what a person writes to MIME octets, and back."""
