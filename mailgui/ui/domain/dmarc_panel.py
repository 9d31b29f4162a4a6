"""What there is to see of DMARC: the tags, and the policy by either standard side by side."""

from collections.abc import Mapping

from PySide6.QtWidgets import QVBoxLayout, QWidget

from mailgui.domain.tag_list import parse_tag_list
from mailgui.transcript import visible
from mailgui.ui.domain.grid import Grid, title
from mailgui.ui.domain.policy_picture import PolicyPicture
from mailgui.ui.domain.words import dmarc_meaning
from mailgui.ui.metrics import SMALL
from mailgui.ui.widgets.basics import Label, identify, pad

_ASPECTS = (
    ("domain", "Mail from the domain"),
    ("subdomain", "From its subdomains"),
    ("nonexistent", "From subdomains that do not exist"),
)
_STANDARDS = ("rfc9989", "rfc7489")


class DmarcPanel(QWidget):
    """A picture of the policy, and two small tables."""

    def __init__(self) -> None:
        super().__init__()
        identify(self, "dmarc-panel")
        self.tags = Grid(
            ("Tag", "Value", "Meaning"), name="dmarc-tags", accessible="Tags", mono=(0, 1)
        )
        self.policies = Grid(
            ("Policy in force", "By RFC 9989", "By RFC 7489 (older receivers)"),
            name="dmarc-policies",
            accessible="Policy by either standard",
        )
        self.picture = PolicyPicture()
        self._picture_title = title("What happens to forged mail")
        self._tags_title = title("What the record says")
        self._policies_title = title("What receivers make of it")
        self._notes = Label(tone="secondary", wrap=True, selectable=True)
        layout = QVBoxLayout(self)
        pad(layout, 0, spacing=SMALL)
        for widget in (
            self._picture_title,
            self.picture,
            self._tags_title,
            self.tags,
            self._policies_title,
            self.policies,
            self._notes,
        ):
            layout.addWidget(widget)

    def show_details(self, details: Mapping[str, object]) -> None:
        """Show the section's details."""
        views = [_mapping(details.get(name)) for name in _STANDARDS]
        record = next((str(view["record"]) for view in views if view.get("record")), "")
        self.tags.set_rows((n, v, dmarc_meaning(n.lower(), v)) for n, v in _tags(record))
        self._tags_title.setVisible(bool(self.tags.rows))
        self.picture.set_policies(_mapping(views[0].get("policy")), _ASPECTS)
        self._picture_title.setVisible(not self.picture.isHidden())
        rows = _rows(views) if any(views) and record else []
        self.policies.set_rows(rows)
        self._policies_title.setVisible(bool(rows))
        notes = visible(_notes(views), keep_newlines=True)
        self._notes.setText(notes)
        self._notes.setVisible(bool(notes))


def _tags(record: str) -> tuple[tuple[str, str], ...]:
    return parse_tag_list(record).tags if record else ()


def _rows(views: list[Mapping[str, object]]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for key, words in _ASPECTS:
        policies = [_mapping(view.get("policy")).get(key) for view in views]
        rows.append((words, *(str(policy or "no DMARC") for policy in policies)))
    places = (
        ("record_domain", "Record found at"),
        ("organizational_domain", "Organizational domain"),
    )
    for key, words in places:
        rows.append((words, *(str(view.get(key) or "–") for view in views)))
    percent = views[1].get("percent")
    if percent not in (None, 100):
        rows.append(("Share of mail", "all", f"{percent} %"))
    return rows


def _notes(views: list[Mapping[str, object]]) -> str:
    """Return the remarks of both standards, once where they agree."""
    notes = [str(view.get("note") or "") for view in views]
    if notes[0] == notes[1]:
        return notes[0]
    labelled = zip(("RFC 9989", "RFC 7489"), notes, strict=True)
    return "\n".join(f"{name}: {note}" for name, note in labelled if note)


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
