"""SASL (RFC 4422): how a client proves who it is. Mechanisms without I/O, and the choice of one."""

from mailgui.smtp.sasl.base import Credentials, Mechanism, SaslFault
from mailgui.smtp.sasl.choice import Choice, choose, make

__all__ = ["Choice", "Credentials", "Mechanism", "SaslFault", "choose", "make"]
