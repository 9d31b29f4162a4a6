"""Amazon SNS: signed by the vendor's documented steps, with a certificate of a local authority."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

from mailgui.api.provider import load_providers
from mailgui.api.webhook_events import read_events
from mailgui.api.webhook_request import WebhookRequest
from mailgui.api.webhook_sns import CertificateProblem, check_certificate_url
from mailgui.api.webhook_verdict import Reason, WebhookVerdict
from mailgui.api.webhook_verify import Case, verify

SES = load_providers()["amazon_ses"]
SCALEWAY = load_providers()["scaleway"]
URL = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-abc.pem"
TOPIC = "arn:aws:sns:eu-west-1:123456789012:mail"
EVENT = {"eventType": "Bounce", "mail": {"messageId": "m-1", "destination": ["a@example.org"]}}


@pytest.fixture(scope="module")
def leaf():
    made = trustme.CA(key_type=trustme.KeyType.RSA).issue_cert(
        "sns.amazonaws.com", key_type=trustme.KeyType.RSA
    )
    pem = made.cert_chain_pems[0].bytes()
    key = serialization.load_pem_private_key(made.private_key_pem.bytes(), None)
    return pem, key


def notification(key, *, version="2", subject=None, url=URL, kind="Notification", **changes):
    """Build a message as the SNS documentation says: names and values on lines, sorted."""
    tree = {
        "Type": kind,
        "MessageId": "id-1",
        "TopicArn": TOPIC,
        "Message": json.dumps(EVENT),
        "Timestamp": "2026-11-24T12:00:00.000Z",
    }
    if subject is not None:
        tree["Subject"] = subject
    if kind != "Notification":
        tree |= {"SubscribeURL": "https://sns.eu-west-1.amazonaws.com/?x", "Token": "t"}
    text = "".join(f"{name}\n{tree[name]}\n" for name in sorted(tree))
    algorithm = hashes.SHA1() if version == "1" else hashes.SHA256()
    sign = base64.b64encode(key.sign(text.encode(), padding.PKCS1v15(), algorithm)).decode()
    tree |= {"SignatureVersion": version, "Signature": sign, "SigningCertURL": url, **changes}
    tree = {name: value for name, value in tree.items() if value is not None}
    return WebhookRequest("POST", "", (), json.dumps(tree).encode())


def judge(made, pem, topic="", now=None, provider=SES):
    at = now or datetime.now(UTC)
    return verify(Case(provider, made, topic, at, certificate=pem))


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize("subject", [None, "Änderung\nzwei"])
@pytest.mark.parametrize("topic", ["", TOPIC])
def test_genuine(leaf, version, subject, topic):
    pem, key = leaf
    made = notification(key, version=version, subject=subject)
    found = judge(made, pem, topic)
    assert (found.verdict, found.reason) == (WebhookVerdict.GENUINE, Reason.SIGNED)
    assert found.signed_at == datetime(2026, 11, 24, 12, tzinfo=UTC)
    (event,) = read_events(SES, made)
    assert (event.normal, event.message_id, event.recipient) == ("bounced", "m-1", "a@example.org")


def test_a_confirmation_is_genuine_and_its_address_is_not_opened(leaf):
    pem, key = leaf
    made = notification(key, kind="SubscriptionConfirmation")
    found = judge(made, pem)
    assert found.genuine
    assert "does not open" in found.sentence
    (event,) = read_events(SES, made)
    assert (event.name, event.normal) == ("SubscriptionConfirmation", "other")


@pytest.mark.parametrize(
    "changes",
    [
        {"Message": "{}"},
        {"Timestamp": "2026-11-24T13:00:00.000Z"},
        {"MessageId": "id-2"},
        {"Subject": "added"},
        {"TopicArn": "arn:other"},
    ],
)
def test_altered(leaf, changes):
    pem, key = leaf
    found = judge(notification(key, **changes), pem)
    assert (found.verdict, found.reason) == (WebhookVerdict.FORGED, Reason.ALTERED_BODY)


def test_signed_by_another(leaf):
    pem, _ = leaf
    other = trustme.CA(key_type=trustme.KeyType.RSA).issue_cert(
        "sns.amazonaws.com", key_type=trustme.KeyType.RSA
    )
    key = serialization.load_pem_private_key(other.private_key_pem.bytes(), None)
    assert judge(notification(key), pem).verdict is WebhookVerdict.FORGED


def test_another_topic(leaf):
    pem, key = leaf
    found = judge(notification(key), pem, "arn:aws:sns:eu-west-1:123456789012:other")
    assert found.reason is Reason.WRONG_KEY


def test_a_certificate_out_of_its_time(leaf):
    pem, key = leaf
    until = x509.load_pem_x509_certificate(pem).not_valid_after_utc
    found = judge(notification(key), pem, now=until + timedelta(days=1))
    assert found.reason is Reason.BAD_CERTIFICATE


@pytest.mark.parametrize("pem", [b"", b"<html>", b"-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_what_is_no_certificate(leaf, pem):
    assert judge(notification(leaf[1]), pem).reason is Reason.BAD_CERTIFICATE


def test_a_certificate_of_another_kind_of_key(leaf):
    made = trustme.CA().issue_cert("sns.amazonaws.com", key_type=trustme.KeyType.ECDSA)
    found = judge(notification(leaf[1]), made.cert_chain_pems[0].bytes())
    assert found.reason is Reason.BAD_CERTIFICATE


@pytest.mark.parametrize(
    "changes", [{"Signature": None}, {"SignatureVersion": None}, {"SigningCertURL": None}]
)
def test_missing_parts(leaf, changes):
    found = judge(notification(leaf[1], **changes), leaf[0])
    assert found.reason is Reason.MISSING_HEADER


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"SignatureVersion": "3"}, Reason.BAD_CERTIFICATE),
        ({"Signature": "***"}, Reason.MALFORMED),
        ({"Type": "Other"}, Reason.UNREADABLE),
        ({"Message": 5}, Reason.UNREADABLE),
    ],
)
def test_malformed_parts(leaf, changes, reason):
    found = judge(notification(leaf[1], **changes), leaf[0])
    assert (found.verdict, found.reason) == (WebhookVerdict.FORGED, reason)


BAD = [
    "http://sns.eu-west-1.amazonaws.com/a.pem",
    # The service itself answers there too, with words of whoever asks it something.
    "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-abc.pem?Action=Publish",
    "https://sns.eu-west-1.amazonaws.com/a.pem",
    "https://sns.eu-west-1.amazonaws.com/x/../SimpleNotificationService-abc.pem",
    "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-abc.pem#.pem",
    "https://sns.eu-west-1.amazonaws.com/?Action=ListTopics&x=/SimpleNotificationService-a.pem",
    "https://sns.eu-west-1.amazonaws.com.evil.example/a.pem",
    "https://evil.example/sns.eu-west-1.amazonaws.com/a.pem",
    "https://sns.eu-west-1.amazonaws.com@evil.example/a.pem",
    "https://evil.example#@sns.eu-west-1.amazonaws.com/a.pem",
    "https://sns.eu-west-1.amazonaws.com:8443/a.pem",
    "https://sns.eu-west-1.amazonaws.com/a.txt",
    "https://sns.evil.eu-west-1.amazonaws.com/a.pem",
    "https://sns.x.amazonaws.com/a.pem",
    "https://sns..amazonaws.com/a.pem",
    "https://snsxeu-west-1.amazonaws.com/a.pem",
    "https://sns.eu-west-1.amazonaws.com/a.pem\r\nHost: evil",
    "https://sns.eu-west-1.amazonaws.com\\.evil.example/a.pem",
    "https://sns.eu-west-1.аmazonaws.com/a.pem",
    "https://[::1]/a.pem",
    "https://[/a.pem",
    "file:///a.pem",
    "",
]


@pytest.mark.parametrize("url", BAD)
def test_certificates_from_elsewhere_are_not_fetched(leaf, url):
    with pytest.raises(CertificateProblem):
        check_certificate_url(url, SES.webhooks.signature)
    if url:
        found = judge(notification(leaf[1], url=url), leaf[0])
        assert (found.verdict, found.reason) == (WebhookVerdict.FORGED, Reason.BAD_CERTIFICATE)


def test_where_certificates_may_come_from():
    check_certificate_url(URL, SES.webhooks.signature)
    check_certificate_url(URL.replace("eu-west-1", "us-gov-west-1"), SES.webhooks.signature)


SCW = "https://messaging.s3.fr-par.scw.cloud/fr-par/sns/cert-1.pem"


@pytest.fixture(scope="module", name="authority")
def authority_fixture():
    """Scaleway's authority, one below it, and what that issued."""
    root = trustme.CA(key_type=trustme.KeyType.RSA)
    below = root.create_child_ca(key_type=trustme.KeyType.RSA)
    return root, [
        each.issue_cert("sns.scw", key_type=trustme.KeyType.RSA) for each in (root, below)
    ]


def scaleway(made, pem, *authorities, now=None):
    at = now or datetime.now(UTC)
    return verify(Case(SCALEWAY, made, "", at, certificate=pem, authorities=authorities))


def key_of(leaf):
    return serialization.load_pem_private_key(leaf.private_key_pem.bytes(), None)


@pytest.mark.parametrize("place", [0, 1], ids=["issued by it", "issued below it"])
def test_scaleway_s_certificates_are_of_its_own_authority(authority, place):
    root, leaves = authority
    pem = b"".join(each.bytes() for each in leaves[place].cert_chain_pems)
    made = notification(key_of(leaves[place]), url=SCW)
    found = scaleway(made, pem, root.cert_pem.bytes())
    assert (found.verdict, found.reason) == (WebhookVerdict.GENUINE, Reason.SIGNED)
    assert found.sentence == "The signature is that of Scaleway Topics and Events."
    late = datetime.now(UTC) + timedelta(days=365 * 2000)
    assert scaleway(made, pem, root.cert_pem.bytes(), now=late).reason is Reason.BAD_CERTIFICATE


def test_what_somebody_else_issued_is_forged(authority, leaf):
    root, leaves = authority
    made = notification(leaf[1], url=SCW)
    found = scaleway(made, leaf[0], root.cert_pem.bytes())
    assert (found.verdict, found.reason) == (WebhookVerdict.FORGED, Reason.BAD_CERTIFICATE)
    # A certificate that is no authority's issues nothing, whoever put it into the chain.
    child = trustme.CA(parent_cert=None, key_type=trustme.KeyType.RSA).issue_cert(
        "x", key_type=trustme.KeyType.RSA
    )
    pem = child.cert_chain_pems[0].bytes() + leaves[0].cert_chain_pems[0].bytes()
    assert (
        scaleway(notification(key_of(child), url=SCW), pem, root.cert_pem.bytes()).verdict
        is WebhookVerdict.FORGED
    )
    for pem in (b"", b"not a certificate", b"-----BEGIN CERTIFICATE-----\nAA==\n"):
        found = scaleway(made, pem, root.cert_pem.bytes())
        assert found.reason is Reason.BAD_CERTIFICATE


def test_without_the_authority_nothing_is_said(authority):
    leaf = authority[1][0]
    made = notification(key_of(leaf), url=SCW)
    found = scaleway(made, leaf.cert_chain_pems[0].bytes())
    assert (found.verdict, found.reason) == (WebhookVerdict.UNCHECKED, Reason.NO_KEY)


@pytest.mark.parametrize(
    "url", [URL, SCW.replace(".s3.fr-par", "-x.s3.fr-par"), f"{SCW}?a", SCW[:-4]]
)
def test_scaleway_s_certificates_come_from_its_own_bucket(authority, url):
    leaf = authority[1][0]
    found = scaleway(notification(key_of(leaf), url=url), leaf.cert_chain_pems[0].bytes())
    assert (found.verdict, found.reason) == (WebhookVerdict.FORGED, Reason.BAD_CERTIFICATE)


def test_without_the_certificate_nothing_is_said(leaf):
    assert judge(notification(leaf[1]), None).verdict is WebhookVerdict.UNCHECKED
