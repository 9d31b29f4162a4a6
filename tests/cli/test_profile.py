from mailgui.store.profiles import ProfileStore


def test_two_profiles_exist_at_first(cli_json, home):
    code, profiles = cli_json("profile", "list")
    assert code == 0
    assert [(p["name"], p["road"], p["sandbox"]) for p in profiles] == [
        ("Sandbox SMTP", "smtp", True),
        ("Sandbox API", "api", True),
    ]


def test_add_list_remove(cli_json, home, monkeypatch):
    monkeypatch.setenv("PW", "canary-5150")
    words = ["--server", "mail.good.example:587", "--user", "u", "--password-env", "PW"]
    code, added = cli_json("profile", "add", "Relay", *words)
    assert (code, added["settings"]["host"]) == (0, "mail.good.example")
    assert "canary" not in ProfileStore().path.read_text()
    assert [p["name"] for p in cli_json("profile", "list")[1]][-1] == "Relay"
    assert cli_json("profile", "remove", "Relay")[0] == 0
    assert "Relay" not in [p["name"] for p in cli_json("profile", "list")[1]]


def test_a_name_twice_is_refused_unless_replaced(cli, home):
    words = ["profile", "add", "Relay", "--server", "127.0.0.1:25"]
    assert cli(*words)[0] == 0
    code, _, err = cli(*words)
    assert code == 64
    assert "Relay" in err
    assert cli(*words, "--replace")[0] == 0


def test_test_goes_as_far_as_the_sign_in(cli_json, home):
    code, document = cli_json("profile", "test", "Sandbox SMTP")
    assert (code, document["outcome"], document["stage"]) == (0, "completed", "auth")
    code, document = cli_json("profile", "test", "Sandbox API")
    assert (code, document["outcome"]) == (0, "completed")


def test_unknown_profile(cli, home):
    code, _, err = cli("profile", "test", "Nobody")
    assert code == 64
    assert "Nobody" in err


def test_sending_by_a_profile(cli_json, home):
    code, document = cli_json(
        "send", "--profile", "Sandbox SMTP", "--from", "a@good.example", "--to", "b@good.example"
    )
    assert (code, document["outcome"]) == (0, "accepted")


FLAGS = {
    "--helo": ("helo", "me.good.example"),
    "--timeout": ("timeout", 7.0),
    "--tls": ("tls", "starttls"),
    "--tls-ca": ("tls_ca", "/ca.pem"),
    "--tls-sni": ("tls_server_name", "other.good.example"),
    "--tls-min": ("tls_minimum", "TLSv1.1"),
    "--tls-max": ("tls_maximum", "TLSv1.2"),
    "--tls-ciphers": ("tls_ciphers", "AES128-SHA"),
    "--tls-cert": ("tls_client_cert", "/me.pem"),
    "--tls-key": ("tls_client_key", "/me.key"),
    "--channel-binding": ("channel_binding", "tls-unique"),
    "--source": ("source", "127.0.0.2"),
    "--retries": ("retries", 3),
    "--retry-delay": ("retry_delay", 2.0),
    "--retry-cap": ("retry_cap", 60.0),
}


def test_what_an_smtp_account_may_say_of_tls_and_network(cli_json, home, monkeypatch):
    monkeypatch.setenv("PW", "canary-5150")
    monkeypatch.setenv("PROXY_PW", "canary-5151")
    words = [str(word) for flag, (_, value) in FLAGS.items() for word in (flag, value)]
    code, added = cli_json(
        "profile", "add", "Relay", "--server", "mail.good.example:465", *words,
        "--tls-verify", "none", "--tls-no-resume", "--user", "u", "--auth", "scram-sha-256",
        "--password-env", "PW", "--proxy", "socks5://u@127.0.0.1:1080",
        "--proxy-password-env", "PROXY_PW", "--allow-insecure-auth",
    )  # fmt: skip
    assert code == 0
    settings = added["settings"]
    assert {name: settings[name] for name, _ in FLAGS.values()} == dict(FLAGS.values())
    assert (settings["tls_verify"], settings["tls_resume"]) == (False, False)
    assert (settings["auth"], settings["allow_insecure_auth"]) == ("SCRAM-SHA-256", True)
    assert settings["proxy"] == "socks5://u@127.0.0.1:1080"
    assert "canary" not in ProfileStore().path.read_text()
    assert "canary" not in str(added)


def test_a_socket_that_speaks_lmtp(cli_json, home):
    words = ["--socket", "/run/lmtp", "--protocol", "lmtp"]
    code, added = cli_json("profile", "add", "Box", *words)
    assert code == 0
    assert (added["settings"]["unix_socket"], added["settings"]["lmtp"]) == ("/run/lmtp", True)


def test_what_an_api_account_may_say_of_tls_and_network(cli_json, home, monkeypatch):
    monkeypatch.setenv("KEY", "canary-5150")
    code, added = cli_json(
        "profile", "add", "Api", "--provider", "resend", "--password-env", "KEY", "--http2",
        "--client-cert", "/me.pem", "--client-key", "/me.key", "--retries", "2", "--tls-ca", "/ca",
    )  # fmt: skip
    assert code == 0
    settings = added["settings"]
    assert (settings["http2"], settings["client_cert"], settings["retries"]) == (True, "/me.pem", 2)
    assert settings["tls_ca"] == "/ca"
