import re

import msgspec
import pytest

from mailgui import resources
from mailgui.api import definition as d
from mailgui.api import fields as f
from mailgui.api.fields import FIELD_NAMES
from mailgui.api.provider import ProviderProblem, catalogue, load_providers, read_file

IDS = {
    "autosend", "resend", "postmark", "sendgrid", "mailgun", "brevo", "amazon_ses", "mailjet",
    "sparkpost", "mailersend", "mandrill", "scaleway", "mailtrap", "unisender_go", "postal",
    "generic",
}  # fmt: skip

GOOD = """
format = 1
id = "mine"
name = "Mine"
[urls]
default = "https://mail.example.com"
[auth]
scheme = "bearer"
[request]
path = "/send"
[fields]
to = { path = "to" }
"""


def written(folder, text, name="mine.toml"):
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def problem_of(path):
    with pytest.raises(ProviderProblem) as caught:
        read_file(path)
    return caught.value


def test_every_bundled_provider_is_usable():
    found = catalogue()
    assert found.problems == ()
    assert set(found.providers) >= IDS


@pytest.mark.parametrize("provider", load_providers().values(), ids=lambda p: p.id)
def test_every_bundled_provider_is_complete(provider):
    assert resources.path("providers", f"{provider.id}.toml").is_file()
    assert provider.success.id
    assert {"success", "validation", "authentication", "rate_limit"} <= set(provider.answers)
    assert provider.sources or provider.id == "generic"


def test_a_file_of_ones_own_is_found_and_wins(tmp_path):
    written(tmp_path, GOOD)
    written(tmp_path, GOOD.replace('"mine"', '"resend"').replace('"Mine"', '"My Resend"'), "r.toml")
    found = load_providers(tmp_path)
    assert found["mine"].name == "Mine"
    assert found["resend"].name == "My Resend"
    assert load_providers()["resend"].name == "Resend"


def test_a_broken_file_does_not_stop_the_others(tmp_path):
    written(tmp_path, GOOD)
    written(tmp_path, "format = ", "broken.toml")
    written(tmp_path, GOOD, "twin.toml")
    found = catalogue(tmp_path)
    assert "mine" in found.providers
    assert [(p.path.name, p.place) for p in found.problems] == [
        ("broken.toml", "line 1"),
        ("twin.toml", "id"),
    ]


def test_a_fault_of_syntax_has_its_line(tmp_path):
    problem = problem_of(written(tmp_path, 'format = 1\nid = "x"\nname = = 3\n'))
    assert problem.place == "line 3, column 8"
    assert problem.reason.endswith(".")
    assert str(problem).startswith("mine.toml: line 3, column 8: ")


@pytest.mark.parametrize(
    ("old", "new", "place", "reason"),
    [
        ('path = "to"', 'pth = "to"', "fields.to", "pth"),
        ('path = "to"', "path = 3", "fields.to.path", "str"),
        ('path = "to"', 'path = "to["', "fields.to.path", "position"),
        ('path = "to"', 'path = "to", header = "X"', "fields.to", "either"),
        ('path = "to"', 'path = "to", item = "{adress}"', "fields.to.item", "{adress}"),
        ('scheme = "bearer"', 'scheme = "magic"', "auth.scheme", "magic"),
        ('scheme = "bearer"', 'scheme = "sigv4"', "auth.service", "service"),
        ('scheme = "bearer"', 'scheme = "bearer"\nheader = "a b"', "auth.header", "header"),
        ("https://mail", "http://mail", "urls.default", "https://"),
        ('path = "/send"', 'path = "/send/{domain}"', "request.path", "{domain}"),
        ('id = "mine"', 'id = "Mine!"', "id", "lower-case"),
        ("format = 1", "format = 2", "format", "2"),
        ("[fields]", "[extra]\n[fields]", "", "extra"),
        ("[fields]", '[sandbox]\nurl = "none"\n[fields]', "sandbox.url", "none"),
        ("[fields]", '[template]\nonly = ["what"]\n[fields]', "template.only[0]", "what"),
        (
            "[fields]",
            '[[errors.patterns]]\nmatch = "("\nkind = "sender"\n[fields]',
            "errors.patterns[0].match",
            "regular expression",
        ),
    ],
)
def test_a_fault_of_meaning_has_its_key_path(tmp_path, old, new, place, reason):
    problem = problem_of(written(tmp_path, GOOD.replace(old, new)))
    assert problem.place == place
    assert reason in problem.reason
    assert problem.reason.endswith(".")


def test_a_file_that_is_no_text_is_said_to_be_none(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_bytes(b'format = 1\nname = "\xff"\n')
    assert problem_of(path).place == "line 2"


def test_a_missing_file_is_one_sentence(tmp_path):
    assert "cannot be read" in problem_of(tmp_path / "none.toml").reason


def test_deep_nesting_is_one_sentence(tmp_path):
    problem = problem_of(written(tmp_path, "a = " + "[" * 5000 + "]" * 5000))
    assert problem.reason.endswith(".")


TABLES = [
    d.Provider, d.AccountOption, d.Auth, d.Secret, d.Request, d.TemplateMode, d.SandboxMode,
    d.Limits, d.Success, d.SilentFailure, d.Errors, d.RateLimits, d.Answer, f.AddressPlace,
    f.ValuePlace, f.TimePlace, f.SwitchPlace, f.PairsPlace, f.TagsPlace, f.FilesPlace, f.Fields,
]  # fmt: skip


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.__name__)
def test_the_documentation_of_the_format_names_every_key(table):
    text = resources.path("providers", "README.md").read_text("utf-8")
    for info in msgspec.structs.fields(table):
        name = info.encode_name
        assert re.search(rf"`[^`]*\b{name}\b|\[{name}", text), name


def test_field_names_are_those_of_the_file():
    assert "from" in FIELD_NAMES
    assert "sender" not in FIELD_NAMES
