"""The knowledge about EHLO's keywords is whole, and said in one manner."""

import pytest

from mailgui.smtp.extensions import extensions, meaning_of
from mailgui.smtp.uses import _JUDGES

REGISTERED = """
8BITMIME ATRN AUTH BINARYMIME BURL CHECKPOINT CHUNKING CONNEG CONPERM DELIVERBY
DSN ENHANCEDSTATUSCODES ETRN EXPN FUTURERELEASE HELP LIMITS MT-PRIORITY MTRK
NO-SOLICITING PIPELINING REQUIRETLS RRVS SAML SEND SIZE SMTPUTF8 SOML STARTTLS
SUBMITTER TURN VERB
"""


def test_every_registered_keyword_is_known():
    assert set(REGISTERED.split()) - set(extensions()) == set()


def test_everything_that_is_judged_is_known():
    assert set(_JUDGES) - set(extensions()) == set()


@pytest.mark.parametrize("keyword", sorted(extensions()))
def test_an_entry_is_said_in_one_manner(keyword):
    entry = extensions()[keyword]
    assert keyword == keyword.upper()
    assert entry.meaning[0].isupper()
    assert not entry.meaning.endswith(".")
    assert entry.source
    assert entry.status in ("", "obsolete", "experimental")
    for parameter in (*entry.mail, *entry.rcpt):
        assert " " not in parameter


def test_meanings_name_their_source():
    assert meaning_of("STARTTLS") == "The connection can be encrypted (RFC 3207)"
    assert meaning_of("TURN").endswith("(RFC 821; obsolete)")
    assert meaning_of("X-UNHEARD-OF") == "Not a registered extension"
