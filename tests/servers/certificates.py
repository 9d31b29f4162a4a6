"""Certificates for the servers, from an authority of the test run's own."""

import shutil
from pathlib import Path
from typing import NamedTuple

import trustme

from tests.servers.process import new_folder


class KeyPair(NamedTuple):
    """The files of a certificate with its chain, and of its key, both PEM."""

    certificate: str
    key: str


class Authority:
    """An authority that clients of these servers are told to trust.

    Attributes: ``ca_file``, the path of its certificate (PEM).
    """

    def __init__(self) -> None:
        self._ca = trustme.CA()
        self._folder = new_folder("ca")
        self.ca_file = str(self._folder / "ca.pem")
        self._ca.cert_pem.write_to_path(self.ca_file)
        self._issued = 0

    def issue(self, *names: str) -> KeyPair:
        """Return a certificate for the host names and addresses."""
        self._issued += 1
        leaf = self._ca.issue_cert(*names)
        pair = KeyPair(*(str(self._folder / f"{self._issued}.{kind}") for kind in ("pem", "key")))
        for blob in leaf.cert_chain_pems:
            blob.write_to_path(pair.certificate, append=True)
        Path(pair.key).touch(0o600)
        leaf.private_key_pem.write_to_path(pair.key)
        return pair

    def remove(self) -> None:
        """Delete the files."""
        shutil.rmtree(self._folder)
