"""smtp-sink takes mail, or refuses it where it is told to."""

import smtplib

import pytest


def test_it_takes_mail(start_sink):
    sink = start_sink()
    with smtplib.SMTP(sink.host, sink.port, timeout=20) as client:
        assert (
            client.sendmail("a@sender.example", ["b@inbox.example"], b"Subject: x\r\n\r\nx\r\n")
            == {}
        )


def test_it_refuses_where_told(start_sink):
    sink = start_sink("-f", "RCPT")
    with smtplib.SMTP(sink.host, sink.port, timeout=20) as client:
        client.ehlo()
        client.mail("a@sender.example")
        assert client.rcpt("b@inbox.example")[0] == 500


def test_two_run_side_by_side_and_both_end(start_sink):
    first, second = start_sink(), start_sink()
    assert first.port != second.port
    first.stop()
    with pytest.raises(ConnectionRefusedError):
        smtplib.SMTP(first.host, first.port, timeout=5)
    with smtplib.SMTP(second.host, second.port, timeout=5) as client:
        assert client.noop()[0] == 250
