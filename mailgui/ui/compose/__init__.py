"""The Compose page: left the message, right what happens to it."""
