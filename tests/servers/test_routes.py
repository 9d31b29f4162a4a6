"""Direct sending and the MX matrix with a real name server and a real Postfix behind it."""

import asyncio
import socket

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from mailgui.jobs.accounts import Account
from mailgui.jobs.direct import send_direct
from mailgui.jobs.mx_matrix import mx_matrix
from mailgui.net.resolver import Resolver
from mailgui.smtp.direct import Policies
from mailgui.smtp.plan import Plan
from mailgui.smtp.settings import SmtpSettings
from mailgui.transcript import Outcome
from tests.support.hostile import Octets

ZONE = """
@ IN MX 10 dead
@ IN MX 20 mail
dead IN A 127.0.0.2
mail IN A 127.0.0.1
"""


@pytest.fixture
def names(start_bind):
    return start_bind({"inbox.example": ZONE})


def with_resolver(server, work):
    async def main():
        resolver = Resolver(server.address)
        try:
            return await work(resolver)
        finally:
            await resolver.close()

    return asyncio.run(main())


def account(postfix, **settings):
    return Account("MX", SmtpSettings("", postfix.port, helo="me.example", **settings))


def test_the_first_exchanger_is_dead_and_the_second_takes_it(names, postfix):
    message = Octets(recipients=("routed@inbox.example",))

    async def work(resolver):
        return await send_direct(
            account(postfix), message, plan=Plan(), resolver=resolver, policies=Policies()
        )

    report = with_resolver(names, work)
    assert report.transcript.outcome is Outcome.ACCEPTED
    assert [tried.host for tried in report.routes[0].tried] == [
        "dead.inbox.example",
        "mail.inbox.example",
    ]
    assert report.transcript.tls is not None  # used where offered, as servers do
    delivered = postfix.wait_for("routed@inbox.example")
    assert [each.content for each in delivered] == [message.octets]


def test_a_mailbox_that_does_not_exist_is_not_tried_elsewhere(names, postfix):
    message = Octets(recipients=("unknown@inbox.example",))

    async def work(resolver):
        return await send_direct(account(postfix), message, plan=Plan(), resolver=resolver)

    report = with_resolver(names, work)
    assert report.transcript.outcome is Outcome.REFUSED
    assert report.transcript.reply.code == 550


def test_the_matrix_tells_who_answers(names, postfix, authority):
    async def work(resolver):
        return await mx_matrix(
            "inbox.example", resolver=resolver, port=postfix.port, ca_file=authority.ca_file
        )

    dead, mail = with_resolver(names, work).rows
    assert dead.probe.reach == "refused"
    assert mail.probe.banner.endswith("ESMTP Postfix (Debian/GNU)") or "ESMTP" in mail.probe.banner
    assert mail.probe.certificate == "valid"  # the certificate names mail.inbox.example
    assert "PIPELINING" in mail.probe.best_offers
    assert mail.probe.best_offers.size_limit == 62914560


@pytest.mark.parametrize("fits", [True, False])
def test_dane_against_postfixs_own_certificate(start_bind, postfix, server_pair, fits):
    with open(server_pair.certificate, "rb") as file:  # noqa: PTH123
        key = x509.load_pem_x509_certificate(file.read()).public_key()
    digest = hashes.Hash(hashes.SHA256())
    digest.update(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    octets = digest.finalize() if fits else bytes(32)
    zone = f"{ZONE}_{postfix.port}._tcp.mail IN TLSA 3 1 1 {octets.hex()}\n"
    server = start_bind({"inbox.example": zone})

    async def work(resolver):
        return await mx_matrix("inbox.example", resolver=resolver, port=postfix.port)

    mail = with_resolver(server, work).rows[1]
    assert mail.match.ok is fits
    # The zone is not signed, so nothing is demanded, and that is said.
    assert mail.protection.tlsa.status == "insecure"


def test_a_port_that_nobody_listens_on_is_refused(names):
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]

        async def work(resolver):
            return await mx_matrix("inbox.example", resolver=resolver, port=port)

        matrix = with_resolver(names, work)
    assert {row.probe.reach for row in matrix.rows} == {"refused"}
    assert matrix.sentence == "None of the 2 addresses answered."
