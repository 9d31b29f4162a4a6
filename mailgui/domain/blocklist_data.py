"""The block lists that ship with MailGUI: the data of ``resources/domain/blocklists.toml``."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from ipaddress import ip_address
from typing import Literal

import msgspec

from mailgui import resources


@dataclass(frozen=True, slots=True)
class BlockList:
    """One list; what its attributes say stands at the head of the data.

    ``listed`` and ``clean`` are names below ``zone``.
    """

    name: str
    zone: str
    kind: Literal["ip", "domain"]
    home: str
    removal: str
    ipv6: bool = False
    grave: bool = False
    public: Literal["", "refused"] = ""
    listed: str = "2.0.0.127"
    clean: str = "1.0.0.127"
    base: Literal["", "organizational"] = ""
    refusals: tuple[str, ...] = ()
    codes: Mapping[str, str] = field(default_factory=dict)
    mask: Mapping[str, str] = field(default_factory=dict)
    source: str = ""

    def is_refusal(self, code: str) -> bool:
        """Return whether a return code says that the question was not allowed, or was malformed."""
        usual = code == "127.0.0.1" or code.startswith("127.255.255.")
        return usual or code in self.refusals

    def refusal(self, codes: Sequence[str]) -> str:
        """Return why the list does not answer, a sentence; empty where none of ``codes`` says so.

        What 127.255.255.0/24 means is Spamhaus' doing; others took it over.
        """
        refused = [code for code in codes if self.is_refusal(code)]
        if not refused:
            return ""
        if "127.255.255.252" in refused:
            return f"{self.name} does not know the name {self.zone}: it is misspelt, or has ended."
        if "127.255.255.255" in refused:
            return f"{self.name} gets too many questions by way of this name server."
        public = self.public or "127.255.255.254" in refused
        by = "large public resolvers" if public else "this name server"
        return f"{self.name} does not answer questions that come by way of {by}."

    def meaning(self, code: str) -> str:
        """Return what a return code means; empty where that is not known."""
        if code in self.codes:
            return self.codes[code]
        bits = int(code.rpartition(".")[2])
        return ", ".join(words for bit, words in self.mask.items() if bits & int(bit))


@cache
def block_lists() -> tuple[BlockList, ...]:
    """Return the lists that ship with MailGUI."""
    data = tomllib.loads(resources.path("domain", "blocklists.toml").read_text("utf-8"))
    return tuple(msgspec.convert(data["list"], list[BlockList]))


def entry_of(address: str) -> str:
    """Return the name that an address has below a list's zone (RFC 5782, sections 2.1 and 2.4)."""
    reverse = ip_address(address).reverse_pointer
    return reverse.removesuffix(".in-addr.arpa").removesuffix(".ip6.arpa")


def is_code(record: str) -> bool:
    """Return whether an address is a return code: all else is a list that somebody took over."""
    return record.startswith("127.")
