"""What goes with the steps of one send: extensions asked for, whom to pose as, rules to break."""

from dataclasses import replace
from typing import Any

from mailgui.smtp.arguments import XCLIENT_ATTRIBUTES
from mailgui.smtp.plan import Plan
from mailgui.smtp.proxy_header import ProxyHeader
from mailgui.smtp.step_words import unescape
from mailgui.smtp.steps import XClient
from mailgui.smtp.wanted import Breaks, DeliverBy, DsnRequest, Wanted
from mailgui.ui.profiles.form import Form
from mailgui.ui.widgets.check_box import CheckBox

_RULES = (
    ("auth_not_offered", "AUTH, though not offered"),
    ("starttls_not_offered", "STARTTLS, though not offered"),
    ("pipelining_not_offered", "Pipelining, though not offered"),
    ("extensions_not_offered", "Extensions, though not offered"),
    ("bare_lf", "Lines that end with bare LF"),
    ("no_dot_stuffing", "Dots at line starts not doubled"),
    ("go_on", "Go on after a refusal"),
)
_NOTIFY = (("", "As usual"), ("NEVER", "Never"), ("SUCCESS", "On success"),
           ("FAILURE", "On failure"), ("SUCCESS,FAILURE,DELAY", "Always"))  # fmt: skip
_RET = (("", "As usual"), ("FULL", "The whole message"), ("HDRS", "Its header"))
_BY = (("", "Tell when late"), ("R", "Give back when late"))
_VERSIONS = (("1", "Version 1, text"), ("2", "Version 2, binary"))


class RulesForm(Form):
    """Rules to break on purpose."""

    def __init__(self) -> None:
        super().__init__("rules")
        self.boxes: dict[str, CheckBox] = {}
        for key, words in _RULES:
            self.boxes[key] = box = self.tick(key, words)
            self.column.addWidget(box)
        end = self.line("end", "End of the message", mono=True, placeholder=r"\r\n.\r\n")
        end.set_hint(r"Escapes: \r \n \t \0 \xNN.")
        self.column.addWidget(end)

    def breaks(self, problems: dict[str, str]) -> Breaks:
        """Return the rules that are ticked; ``problems`` is told what is wrong."""
        end = None
        if text := self.text("end"):
            try:
                end = unescape(text)
            except ValueError as problem:
                problems["end"] = str(problem)
        ticked = {key: box.isChecked() for key, box in self.boxes.items()}
        return Breaks(**ticked, end_of_data=end)

    def clear(self) -> None:
        """Break none."""
        for box in self.boxes.values():
            box.setChecked(False)
        self.set_text("end", "")
        self.show_problems({})


class ExtensionsForm(Form):
    """Extensions asked for, and whom to pose as."""

    def __init__(self) -> None:
        super().__init__("extensions")
        self.boxes: dict[str, CheckBox] = {}
        for key, words in (
            ("requiretls", "REQUIRETLS: only over verified TLS"),
            ("chunking", "BDAT in place of DATA"),
            ("binary", "BINARYMIME: octets as they are"),
            ("orcpt", "DSN: name the original recipient"),
        ):
            self.boxes[key] = box = self.tick(key, words)
            self.column.addWidget(box)
        self.column.addWidget(self.choice("notify", "DSN: tell the sender", _NOTIFY))
        self.column.addWidget(self.choice("ret", "DSN: give back", _RET))
        self.column.addWidget(self.line("envid", "DSN: envelope's id", mono=True))
        self.column.addWidget(self.line("priority", "Priority, -9 to 9", mono=True))
        self.column.addWidget(self.line("by", "Deliver within, in seconds", mono=True))
        self.column.addWidget(self.choice("by-mode", "And then", _BY))
        self.column.addWidget(self.line("hold", "Hold back, in seconds", mono=True))
        for key, verb in (("mail", "MAIL"), ("rcpt", "RCPT")):
            label = f"Further parameters of {verb}"
            self.column.addWidget(self.line(f"{key}-parameters", label, mono=True))
        xclient = self.line("xclient", "Pose by XCLIENT as", mono=True)
        xclient.set_hint("NAME=host ADDR=192.0.2.1 HELO=name …")
        self.column.addWidget(xclient)
        self.column.addWidget(self.choice("proxy-version", "PROXY protocol", _VERSIONS))
        source = self.line("proxy-source", "Client's address and port", mono=True)
        source.set_hint("192.0.2.1:4711; empty: no PROXY header.")
        self.column.addWidget(source)
        self.column.addWidget(self.line("proxy-dest", "Server's address and port", mono=True))

    def plan(self, problems: dict[str, str]) -> Plan:
        """Return the plan that is asked for; ``problems`` is told what is wrong."""
        ticked = {key: box.isChecked() for key, box in self.boxes.items()}
        words = self.chosen("notify")
        dsn = DsnRequest(
            tuple(words.split(",")) if words else (),
            self.chosen("ret") or None,
            self.text("envid") or None,
            ticked["orcpt"],
        )
        return Plan(
            chunking=ticked["chunking"] or ticked["binary"],
            dsn=dsn if dsn != DsnRequest() else None,
            wanted=self._wanted(ticked, problems),
            mail_parameters=tuple(self.text("mail-parameters").split()),
            rcpt_parameters=tuple(self.text("rcpt-parameters").split()),
            xclient=self._xclient(problems),
            proxy=self._proxy(problems),
        )

    def clear(self) -> None:
        """Ask for nothing."""
        for box in self.boxes.values():
            box.setChecked(False)
        for key in self.fields:
            self.set_text(key, "")
            self.set_chosen(key, "1" if key == "proxy-version" else "")
        self.show_problems({})

    def _wanted(self, ticked: dict[str, bool], problems: dict[str, str]) -> Wanted:
        fields: dict[str, Any] = {
            "require_tls": ticked["requiretls"],
            "binary": ticked["binary"],
        }
        wanted = Wanted(**fields)
        for key, name in (("priority", "priority"), ("hold", "hold_for")):
            if self.text(key):
                try:
                    change: dict[str, Any] = {name: _whole(self.text(key))}
                    wanted = replace(wanted, **change)
                except ValueError as problem:
                    problems[key] = str(problem)
        if self.text("by"):
            try:
                limit = DeliverBy(_whole(self.text("by")), give_back=bool(self.chosen("by-mode")))
                wanted = replace(wanted, deliver_by=limit)
            except ValueError as problem:
                problems["by"] = str(problem)
        return wanted

    def _xclient(self, problems: dict[str, str]) -> tuple[XClient, ...]:
        pairs = []
        for word in self.text("xclient").split():
            name, equals, value = word.partition("=")
            if not equals or name.upper() not in XCLIENT_ATTRIBUTES:
                problems["xclient"] = f"One of {', '.join(XCLIENT_ATTRIBUTES)}, each with a value."
            pairs.append((name.upper(), value))
        return (XClient(tuple(pairs)),) if pairs else ()

    def _proxy(self, problems: dict[str, str]) -> ProxyHeader | None:
        if not self.text("proxy-source"):
            return None
        ends: list[Any] = []
        for key in ("proxy-source", "proxy-dest"):
            host, _, port = self.text(key).rpartition(":")
            if not port.isascii() or not port.isdigit():
                problems[key] = "An address and a port, such as 192.0.2.1:25."
                return None
            ends += [host.strip("[]"), int(port[:6])]
        try:
            return ProxyHeader(int(self.chosen("proxy-version") or 1), *ends)
        except ValueError as problem:
            problems["proxy-source"] = str(problem)
            return None


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError("A whole number.") from None
