"""SMTP: the protocol (sans-I/O), its plans, authentication and session."""
