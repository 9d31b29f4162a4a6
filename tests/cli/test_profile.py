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
