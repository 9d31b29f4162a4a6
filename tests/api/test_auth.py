import pytest

from mailgui.api.auth import named_secrets
from mailgui.api.provider import load_providers
from mailgui.api.render import render
from mailgui.api.settings import ApiSettings

PROVIDERS = load_providers()


@pytest.mark.parametrize(
    ("name", "key", "secrets"),
    [
        ("resend", None, {}),
        ("resend", "a:b", {"key": "a:b"}),
        ("resend", {"key": "a"}, {"key": "a"}),
        ("mailjet", "a:b", {"api_key": "a", "secret_key": "b"}),
        ("mailjet", {"key": "a:b"}, {"api_key": "a", "secret_key": "b"}),
        ("mailjet", {"api_key": "a", "secret_key": "b"}, {"api_key": "a", "secret_key": "b"}),
        ("amazon_ses", "A:b/+", {"access_key": "A", "secret_key": "b/+"}),
        ("amazon_ses", "A:b:c", {"access_key": "A", "secret_key": "b", "session_token": "c"}),
        ("amazon_ses", {"access_key": "A", "secret_key": ""}, {"access_key": "A"}),
    ],
)
def test_secrets_get_their_names(name, key, secrets):
    assert named_secrets(PROVIDERS[name], key) == secrets


def test_a_key_in_the_body_leaves_the_unsigned_body_alone(simple_draft):
    request = render(simple_draft, PROVIDERS["mandrill"], ApiSettings("mandrill"), "k-1")
    assert request.body["key"] == "k-1"
    assert "key" not in request.unsigned.body
    assert b"k-1" in request.content
    assert b"k-1" not in request.unsigned.content


def test_amazon_signs_host_type_and_date(simple_draft):
    request = render(
        simple_draft, PROVIDERS["amazon_ses"], ApiSettings("amazon_ses"), "AKID:secret:token"
    )
    headers = dict(request.headers)
    assert headers["X-Amz-Security-Token"] == "token"
    assert (
        "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token"
        in (headers["Authorization"])
    )
    assert "/us-east-1/ses/aws4_request" in headers["Authorization"]
