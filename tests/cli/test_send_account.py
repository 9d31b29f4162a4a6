import pytest

from mailgui.smtp.settings import SmtpSettings
from mailgui.store.profile import Profile
from mailgui.store.profiles import ProfileStore


@pytest.mark.parametrize(
    "words",
    [
        ("send", "--profile", "Mine", "--to", "b@example.org", "--text", "x"),
        ("send", "--profile", "Mine", "--auth-all"),
        ("compare", "Mine", "Sandbox API", "--to", "b@example.org"),
    ],
    ids=" ".join,
)
def test_a_secret_that_nobody_gave_is_wrong_usage(home, cli, words):
    """A profile from another machine comes without its secret."""
    settings = SmtpSettings("127.0.0.1", 1, username="me")
    ProfileStore().add(Profile("Mine", settings, sender="a@example.org"))
    code, out, err = cli(*words)
    assert (code, out) == (64, "")
    assert err.rstrip().endswith("in the window, or give it by --password-env.")
    assert "password" in err.partition(" in the window")[0]
