"""Messages of Amazon SNS, and of services like it: what is signed, and by whose certificate.

https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message-verify-message-signature.html
https://www.scaleway.com/en/docs/topics-and-events/reference-content/veriying-webhooks
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mailgui.api.webhook_definition import Signature
from mailgui.api.webhook_keys import from_base64
from mailgui.api.webhook_request import BodyProblem, WebhookRequest, read_json
from mailgui.api.webhook_time import moment
from mailgui.api.webhook_verdict import Reason, Verification, WebhookVerdict, forged, unchecked

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

_LONGEST_CHAIN = 8
_NOTIFICATION = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
_CONFIRMATION = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
_SIGNED = {
    "Notification": _NOTIFICATION,
    "SubscriptionConfirmation": _CONFIRMATION,
    "UnsubscribeConfirmation": _CONFIRMATION,
}
_REGION = r"[a-z]{2}(?:-[a-z]{2,20}){1,3}-[0-9]{1,2}"


class CertificateProblem(ValueError):
    """A signing certificate may not be fetched, or is not to be believed; a sentence."""


def certificate_url(request: WebhookRequest, signature: Signature) -> str:
    """Return where the signing certificate is. Raises CertificateProblem for an address that is
    not the vendor's own, and BodyProblem.
    """
    tree = _tree(request)
    url = tree.get("SigningCertURL")
    if not isinstance(url, str) or not url:
        raise CertificateProblem("SigningCertURL is missing: nothing says what it is signed with.")
    check_certificate_url(url, signature)
    return url


def check_certificate_url(url: str, signature: Signature) -> None:
    """Raise CertificateProblem unless ``url`` leads to the vendor's own certificates."""
    if not signature.certificate_host:
        raise CertificateProblem("The host of this vendor's certificates is not known.")
    pattern = re.escape(signature.certificate_host).replace(re.escape("{region}"), _REGION)
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise CertificateProblem("SigningCertURL is not an address.") from None
    plain = url.isascii() and url.isprintable() and not any(c in url for c in " \\")
    ours = plain and parts.scheme == "https" and port in (None, 443) and "@" not in parts.netloc
    ours = ours and not parts.query and not parts.fragment and "?" not in url
    # The service answers at the same host, with words of whoever asks it: only its files count.
    path = re.fullmatch(signature.certificate_path, parts.path)
    if not ours or not path or not re.fullmatch(pattern, host):
        wanted = signature.certificate_host.replace("{region}", "REGION")
        raise CertificateProblem(
            f"SigningCertURL does not lead to https://{wanted}, so its certificate was not fetched."
        )


def signed_text(tree: Mapping[str, Any]) -> bytes:
    """Return what SNS signs: names and values of certain members, a line each.

    Raises BodyProblem for a message that is none.
    """
    names = _SIGNED.get(str(tree.get("Type")))
    if names is None:
        raise BodyProblem("Its Type is not one of SNS.")
    lines: list[str] = []
    for name in names:
        value = tree.get(name)
        if value is None and name == "Subject":
            continue
        if not isinstance(value, str):
            raise BodyProblem(f"{name} is missing.")
        lines += [name, value]
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogatepass")


def verify_sns(
    request: WebhookRequest,
    signature: Signature,
    certificate: bytes | None,
    now: datetime,
    *,
    topic: str = "",
    authorities: Sequence[bytes] = (),
) -> Verification:
    """Return the verdict on an SNS message. ``topic`` is the only one to take, "" for any;
    ``authorities`` are those that the vendor names, as PEM.

    Raises BodyProblem when it is no SNS message.
    """
    tree = _tree(request)
    for name in ("Signature", "SignatureVersion", "SigningCertURL"):
        if not isinstance(tree.get(name), str):
            return forged(Reason.MISSING_HEADER, f"{name} is missing: SNS did not send this.")
    try:
        certificate_url(request, signature)
    except CertificateProblem as problem:
        if not signature.certificate_host:
            return unchecked(Reason.BAD_CERTIFICATE, str(problem))
        return forged(Reason.BAD_CERTIFICATE, str(problem))
    if certificate is None:
        return unchecked(Reason.NO_KEY, "The signing certificate could not be fetched.")
    if signature.certificate_authorities and not authorities:
        sentence = "The certificate of the authority behind it could not be fetched."
        return unchecked(Reason.NO_KEY, sentence)
    given = from_base64(tree["Signature"])
    if not given:
        return forged(Reason.MALFORMED, "The signature is not base64: it was cut or changed.")
    if topic and tree.get("TopicArn") != topic:
        return forged(Reason.WRONG_KEY, "It comes from another topic than the one entered here.")
    try:
        check_issuer(certificate, signature, authorities, now)
        fits = _fits(tree, given, certificate, now)
    except CertificateProblem as problem:
        return forged(Reason.BAD_CERTIFICATE, str(problem))
    signed_at = moment(tree.get("Timestamp"))
    if not fits:
        sentence = "The message was altered: the certificate does not fit its signature."
        return forged(Reason.ALTERED_BODY, sentence)
    sentence = f"The signature is that of {signature.title or 'the vendor'}."
    if tree.get("Type") != "Notification":
        sentence += " It asks to confirm a subscription: MailGUI does not open its address."
    return Verification(WebhookVerdict.GENUINE, Reason.SIGNED, sentence, signed_at)


def check_issuer(
    certificate: bytes, signature: Signature, authorities: Sequence[bytes], now: datetime
) -> None:
    """Raise CertificateProblem unless an authority that the vendor names, or one below such, has
    issued ``certificate``; where it names none there is nothing to check.
    """
    if not signature.certificate_authorities:
        return
    trusted = [each for pem in authorities for each in _certificates(pem)]
    given = _certificates(certificate)
    if not given:
        raise CertificateProblem("What SigningCertURL leads to is not a certificate.")
    lower: Certificate | None = given[0]
    for _ in range(_LONGEST_CHAIN):
        if lower is None or lower in trusted:
            break
        below = lower
        lower = next((each for each in (*trusted, *given) if _issued(below, each, now)), None)
    if lower in trusted:
        return
    raise CertificateProblem(
        f"The signing certificate was not issued by an authority of {signature.title}."
    )


def _certificates(pem: bytes) -> "list[Certificate]":
    from cryptography import x509

    try:
        return x509.load_pem_x509_certificates(pem)[:_LONGEST_CHAIN]
    except ValueError:
        return []


def _issued(lower: "Certificate", upper: "Certificate", now: datetime) -> bool:
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature

    if lower == upper or not upper.not_valid_before_utc <= now <= upper.not_valid_after_utc:
        return False
    try:
        constraints = upper.extensions.get_extension_for_class(x509.BasicConstraints).value
        lower.verify_directly_issued_by(upper)
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return False
    return constraints.ca


def _fits(tree: Mapping[str, Any], given: bytes, certificate: bytes, now: datetime) -> bool:
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    versions: dict[str, hashes.HashAlgorithm] = {"1": hashes.SHA1(), "2": hashes.SHA256()}  # noqa: S303
    algorithm = versions.get(tree["SignatureVersion"])
    if algorithm is None:
        version = str(tree["SignatureVersion"])[:20]
        raise CertificateProblem(f"Its SignatureVersion “{version}” is not known: 1 and 2 are.")
    try:
        found = x509.load_pem_x509_certificate(certificate)
        key = found.public_key()
    except ValueError:
        raise CertificateProblem("What SigningCertURL leads to is not a certificate.") from None
    if not isinstance(key, RSAPublicKey):
        raise CertificateProblem("The signing certificate has no RSA key.")
    if not found.not_valid_before_utc <= now <= found.not_valid_after_utc:
        raise CertificateProblem("The signing certificate is not valid at this time.")
    try:
        key.verify(given, signed_text(tree), PKCS1v15(), algorithm)
    except InvalidSignature:
        return False
    return True


def _tree(request: WebhookRequest) -> dict[str, Any]:
    tree = read_json(request.body)
    if not isinstance(tree, dict):
        raise BodyProblem("The body is not a JSON object.")
    return tree
