"""MailGUI: compose, send, watch and understand e-mail."""

__version__ = "0.1.0"
