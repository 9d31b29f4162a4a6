import pytest

from mailgui.net.stream import Endpoint
from mailgui.sandbox.http_guard import objection

HERE = Endpoint("127.0.0.1", 8025)


@pytest.mark.parametrize("host", ["127.0.0.1:8025", "localhost:8025", "[::1]:8025"])
def test_its_own_names_are_served(host: str) -> None:
    assert objection({"host": host}, HERE) is None
    assert objection({"host": host, "origin": f"http://{host}"}, HERE) is None


@pytest.mark.parametrize(
    "host",
    ["", "evil.example:8025", "127.0.0.1", "127.0.0.1:80", "localhost.evil.example:8025",
     "127.0.0.1:8025@evil.example", "evil@127.0.0.1:8025", "127.0.0.1:99999", "[::1", "\udcff"],
)  # fmt: skip
def test_other_hosts_are_not(host: str) -> None:
    refused = objection({"host": host}, HERE)
    assert refused is not None
    assert refused[0] == 421


@pytest.mark.parametrize(
    "more",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": ""},
        {"origin": "http://["},
        {"origin": "http://127.0.0.1:8025@evil.example"},
        {"origin": "http://127.0.0.1:8025/"},
        {"origin": "http://127.0.0.1:9999"},
        {"sec-fetch-site": "cross-site"},
    ],
)
def test_pages_of_others_are_not(more: dict[str, str]) -> None:
    refused = objection({"host": "127.0.0.1:8025", **more}, HERE)
    assert refused is not None
    assert refused[0] == 403


def test_port_80_need_not_be_named() -> None:
    assert objection({"host": "localhost"}, Endpoint("127.0.0.1", 80)) is None
