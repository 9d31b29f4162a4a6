"""A message kept beside its transcript, so that it can be sent again: compact, and bounded.

Attachments on the disk are kept by path; what was pasted is kept up to a bound, and beyond it
named as lost. A draft holds no password or key: these belong to profiles.
"""

import json
import zlib
from dataclasses import dataclass, replace

from mailgui.message.draft import Draft
from mailgui.store.drafts import draft_from_builtins, draft_to_builtins

MAX_PASTED = 256 * 1024  # octets of pasted attachments that are kept
MAX_OCTETS = 4 * 1024 * 1024  # of the whole, packed
_MAX_UNPACKED = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class KeptDraft:
    """The draft; ``lost`` are the names of attachments that were too large to keep."""

    draft: Draft
    lost: tuple[str, ...] = ()


def pack_draft(draft: Draft) -> bytes | None:
    """Return ``draft`` as octets, or None where it is too large to keep."""
    lost, kept, left = [], [], MAX_PASTED
    for attachment in draft.attachments:
        size = len(attachment.data or b"")
        if size > left:
            lost.append(attachment.filename)
            continue
        left -= size
        kept.append(attachment)
    bare = draft_to_builtins(replace(draft, attachments=tuple(kept)))
    octets = zlib.compress(json.dumps({"draft": bare, "lost": lost}).encode("ascii"))
    return octets if len(octets) <= MAX_OCTETS else None


def unpack_draft(octets: bytes) -> KeptDraft:
    """Return what ``pack_draft`` made. Raises ValueError for anything else."""
    packer = zlib.decompressobj()
    try:
        content = json.loads(packer.decompress(octets, _MAX_UNPACKED))
        draft = draft_from_builtins(content["draft"])
        return KeptDraft(draft, tuple(map(str, content["lost"])))
    except (zlib.error, KeyError, TypeError, RecursionError) as fault:
        raise ValueError(f"The message that was kept cannot be read: {fault}.") from fault
