"""What every table of a provider file has in common."""

import msgspec


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table of a provider file: unknown keys are mistakes, not extensions."""
