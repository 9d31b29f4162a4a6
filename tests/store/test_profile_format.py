import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgui.api.settings import ApiSettings
from mailgui.smtp.settings import SmtpSettings, TlsMode
from mailgui.store.profile import Profile
from mailgui.store.profile_format import (
    ProfileProblem,
    clean_name,
    read_profile,
    unknown_keys,
    write_profile,
)

names = st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=40)
smtp = st.builds(
    SmtpSettings,
    host=names,
    port=st.integers(1, 65535),
    tls=st.none() | st.sampled_from(TlsMode),
    tls_verify=st.booleans(),
    tls_ca=st.none() | names,
    username=st.text(max_size=10),
    auth=st.none() | names,
    timeout=st.floats(0.1, 1e6),
)
api = st.builds(
    ApiSettings,
    provider=names,
    base_url=st.none() | names.filter(lambda text: "@" not in text),
    options=st.dictionaries(names, st.text(max_size=10), max_size=3),
)


@given(st.builds(Profile, names, smtp | api, st.booleans(), names))
def test_every_profile_survives_its_table(profile: Profile) -> None:
    assert read_profile(write_profile(profile)) == profile


def test_keys_of_others_survive_and_are_named() -> None:
    table = {
        "name": "Work",
        "colour": "red",
        "smtp": {"host": "a.example", "tls_verfy": False, "helo": "old"},
    }
    profile = read_profile(table)
    assert unknown_keys(table) == ("colour", "smtp.tls_verfy")
    new = write_profile(Profile("Work", SmtpSettings("b.example")), table)
    assert new["colour"] == "red"
    assert new["smtp"]["tls_verfy"] is False
    assert new["smtp"]["host"] == "b.example"
    assert "helo" not in new["smtp"]  # ours, and None now
    assert profile.settings == SmtpSettings("a.example", helo="old")


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (
            {"name": "A", "api": {"provider": "x", "base_url": "https://a:b@c.example"}},
            "has a user name or password in its base URL",
        ),
        (
            {"name": "A", "api": {"provider": "x", "base_url": "https://a:b@[c"}},
            "has a user name or password in its base URL",
        ),
        ({"name": "A"}, "needs either an [profile.smtp] or an [profile.api] table"),
        ({"name": "A", "smtp": {"host": "h"}, "api": {"provider": "p"}}, "needs either"),
        ({"name": "A", "smtp": {"host": "h", "port": "25"}}, "“A” cannot be read: port: expected"),
        ({"name": "A", "smtp": {"port": 25}}, "“A” cannot be read: object missing required"),
        ({"name": "A", "smtp": {"host": "h", "tls": "maybe"}}, "tls: invalid enum value 'maybe'"),
        ({"name": "A", "smtp": {"host": " "}}, "needs a server"),
        ({"name": "A", "smtp": {"host": "h", "port": 70000}}, "a port between 1 and 65535"),
        ({"name": "A", "smtp": {"host": "h", "timeout": 0}}, "a timeout of more than 0 seconds"),
        ({"name": "A", "api": {"provider": ""}}, "needs a provider"),
        ({"name": "A", "sandbox": "yes", "smtp": {"host": "h"}}, "cannot be read: "),
        ({"smtp": {"host": "h"}}, "A profile needs a name"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(table: dict[str, object], words: str) -> None:
    with pytest.raises(ProfileProblem) as caught:
        read_profile(table)
    assert words in caught.value.sentence
    assert caught.value.sentence.endswith(".")


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 101, "a\u202eb"])
def test_names_that_are_none(name: str) -> None:
    with pytest.raises(ProfileProblem):
        clean_name(name)
