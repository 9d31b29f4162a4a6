"""One error model for every provider."""

from enum import StrEnum


class ErrorKind(StrEnum):
    """What is at fault. Also the second half of a transcript's fault, as in ``api.sender``."""

    AUTHENTICATION = "authentication"  # the key is missing, wrong or revoked
    PERMISSION = "permission"  # the key is right, but may not do this
    VALIDATION = "validation"  # the request's form
    SENDER = "sender"  # the From address or its domain
    RECIPIENT = "recipient"  # a recipient address, or all are suppressed
    CONTENT = "content"  # the message itself: an attachment, its size, a template
    RATE_LIMIT = "rate_limit"  # too fast
    QUOTA = "quota"  # too much, or not paid for
    NETWORK = "network"
    TIMEOUT = "timeout"
    SERVER = "server"  # a fault of the provider's own
