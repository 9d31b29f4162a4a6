"""Embedded servers to send to: SMTP, HTTP and DNS, on loopback only."""
