"""The tab API: what only an e-mail API can carry, as far as the chosen provider can."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from mailgui.message.draft import ApiExtras, Draft, DraftProblem
from mailgui.ui.compose.api_words import HINTS, WORDS, hint_for, lacking
from mailgui.ui.compose.moment_field import MomentField
from mailgui.ui.compose.value_rows import ValueRows
from mailgui.ui.metrics import MEDIUM, SMALL, Type
from mailgui.ui.theme import metrics
from mailgui.ui.widgets.basics import Label, identify, pad
from mailgui.ui.widgets.buttons import LinkButton, QuietButton
from mailgui.ui.widgets.check_box import CheckBox
from mailgui.ui.widgets.chips import AddressField
from mailgui.ui.widgets.code_view import CodeView
from mailgui.ui.widgets.field_rows import FormField
from mailgui.ui.widgets.scroll_column import ScrollColumn
from mailgui.ui.widgets.segmented import Segmented

if TYPE_CHECKING:
    from mailgui.api.definition import Provider

_SWITCH = {None: "", True: "on", False: "off"}
_STATES = [("", "As set there"), ("on", "On"), ("off", "Off")]
_LINES = 6


class ApiTab(ScrollColumn):
    """The fields of ``ApiExtras``, those that the provider carries in sight.

    Attributes:
        fields: every field with its label, by the name that ``ApiExtras`` has for it.

    Signals:
        changed: a value is another.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__(name="api", accessible="API", spacing=MEDIUM)
        self._provider: Provider | None = None
        self._showing = False
        self._variables: Mapping[str, object] = {}
        self._odd = ""  # what is written as variables and cannot be read
        self.fields: dict[str, FormField] = {}
        self._make()
        self._lay_out()
        self._lacks = Label(kind=Type.SMALL, tone="secondary", wrap=True, name="api-lacks")
        self.column.addSpacing(SMALL)
        self.add(self._lacks)
        self.take_out = LinkButton("Take it out of the draft", name="api-take-out", flush=True)
        self.take_out.clicked.connect(self._take_out)
        self.column.addWidget(self.take_out, 0, Qt.AlignmentFlag.AlignLeft)
        self.set_provider(None)

    @property
    def provider(self) -> "Provider | None":
        """Whose fields are in sight."""
        return self._provider

    def set_provider(self, provider: "Provider | None") -> None:
        """Offer what ``provider`` carries, and say what it does not."""
        from mailgui.api.abilities import Support, supports

        self._provider = provider
        for name, field in self.fields.items():
            able = provider is not None and supports(provider, name) is not Support.NO
            field.setVisible(able)
        self._refresh()

    def fill(self, draft: Draft) -> Draft:
        """Return ``draft`` with what stands here; what cannot be read stays as it was."""
        rows = self.metadata.values()
        extras = ApiExtras(
            template_id=self.template.text().strip() or None,
            variables=dict(self._variables),
            tags=self.tags.addresses(),
            metadata={name.strip(): value for name, value in rows if name.strip()},
            send_at=self.moment.moment,
            track_opens=_state(self.opens.key),
            track_clicks=_state(self.clicks.key),
            idempotency_key=self.key.text().strip() or None,
            attachment_urls=tuple(url.strip() for (url,) in self.urls.values() if url.strip()),
            sandbox=self.sandbox.isChecked(),
        )
        before = draft.extras
        if before.send_at is not None and self.moment.problem:
            extras = replace(extras, send_at=before.send_at)
        return replace(draft, extras=extras)

    def show_draft(self, draft: Draft) -> None:
        """Show what a draft holds, without telling that anything changed."""
        extras = draft.extras
        self._showing = True
        self.template.setText(extras.template_id or "")
        self._variables, self._odd = extras.variables, ""
        self.variables.set_text(_json(extras.variables))
        self.tags.set_addresses(extras.tags)
        self.metadata.set_values([(n, v) for n, v in extras.metadata.items()])
        self.moment.set_moment(extras.send_at)
        self.opens.set_key(_SWITCH[extras.track_opens])
        self.clicks.set_key(_SWITCH[extras.track_clicks])
        self.key.setText(extras.idempotency_key or "")
        self.urls.set_values([(url,) for url in extras.attachment_urls])
        self.sandbox.setChecked(extras.sandbox)
        self._showing = False
        self._refresh()

    def problem(self) -> DraftProblem | None:
        """Return why what is written in sight cannot be sent, or None."""
        if self._odd and not self.fields["variables"].isHidden():
            return DraftProblem("variables", self._odd)
        if self.moment.problem and not self.fields["send_at"].isHidden():
            return DraftProblem("send_at", self.moment.problem)
        return None

    def count(self) -> int:
        """Return how many of the fields hold something."""
        return sum(map(self._holds, self.fields))

    def focus_problem(self, field: str) -> bool:
        """Go to a field by a DraftProblem's name; False where it is not here."""
        if field not in self.fields:
            return False
        self.fields[field].field.setFocus()
        self.ensureWidgetVisible(self.fields[field])
        return True

    def _make(self) -> None:
        self.template = _line("api-template")
        self.variables = CodeView(
            name="api-variables", accessible="Template variables", language="json", editable=True
        )
        self.variables.setProperty("kind", "")
        self.variables.setPlaceholderText('{"name": "Ada"}')
        self.moment = MomentField(name="api-send-at", accessible="Send at")
        self.tags = AddressField(
            name="api-tags", accessible="Tags", check=lambda _text: "", placeholder="Add a tag"
        )
        self.metadata = ValueRows(
            ("Name", "Value"), "Add a pair", name="api-metadata", accessible="Metadata"
        )
        self.opens = Segmented(_STATES, name="api-opens", accessible="Open tracking")
        self.clicks = Segmented(_STATES, name="api-clicks", accessible="Click tracking")
        self.key = _line("api-key")
        self.new_key = QuietButton("New key", name="api-new-key")
        self.sandbox = CheckBox("Check the message without delivering it", name="api-sandbox")
        self.urls = ValueRows(
            ("https://",), "Add an address", name="api-urls", accessible="Attachments by URL"
        )
        keyed = QWidget()
        keyed.setFocusProxy(self.key)
        line = QHBoxLayout(keyed)
        pad(line, 0, spacing=SMALL)
        line.addWidget(self.key, 1)
        line.addWidget(self.new_key)
        widgets: dict[str, QWidget] = {
            "template_id": self.template,
            "variables": self.variables,
            "send_at": self.moment,
            "tags": _framed(self.tags),
            "metadata": self.metadata,
            "track_opens": self.opens,
            "track_clicks": self.clicks,
            "idempotency_key": keyed,
            "sandbox": self.sandbox,
            "attachment_urls": self.urls,
        }
        for name, widget in widgets.items():
            self.fields[name] = FormField(
                WORDS[name], widget, name=f"field-{name}", hint=HINTS.get(name, "")
            )
        self.key.setAccessibleName(WORDS["idempotency_key"])
        self.new_key.clicked.connect(self._make_key)
        self.variables.textChanged.connect(self._read_variables)
        for signal in (
            self.template.textChanged,
            self.moment.changed,
            self.tags.changed,
            self.metadata.changed,
            self.opens.changed,
            self.clicks.changed,
            self.key.textChanged,
            self.sandbox.toggled,
            self.urls.changed,
        ):
            signal.connect(self._changed)

    def _lay_out(self) -> None:
        for name in WORDS:
            self.add(self.fields[name])
        self._measure()

    def _measure(self) -> None:
        line = metrics().measure(Type.MONO).lineSpacing()
        self.variables.setFixedHeight(_LINES * line + 2 * MEDIUM)

    @Slot()
    def _make_key(self) -> None:
        self.key.setText(str(uuid.uuid4()))

    @Slot()
    def _read_variables(self) -> None:
        text = self.variables.whole_text().strip()
        if text == _json(self._variables) and not self._odd:
            return
        try:
            found = json.loads(text) if text else {}
            if not isinstance(found, dict):
                raise TypeError
        except TypeError:
            self._odd = "Variables are an object, such as {“name”: “Ada”}."
        except ValueError as fault:
            where = getattr(fault, "lineno", 0)
            self._odd = f"This is not JSON; look at line {where}."
        except RecursionError:
            self._odd = "This JSON is nested too deeply."
        else:
            self._odd, self._variables = "", found
        self._changed()

    @Slot()
    def _changed(self) -> None:
        if not self._showing:
            self._refresh()
            self.changed.emit()

    def _refresh(self) -> None:
        """Say at each field what there is to say, and what the provider lacks."""
        provider = self._provider
        for name, field in self.fields.items():
            field.set_hint(hint_for(provider, name) if provider else "")
        moment = self.fields["send_at"]
        moment.set_hint(" · ".join(filter(None, (self.moment.hint, hint_for(provider, "send_at")))))
        moment.set_problem(self.moment.problem)
        self.fields["variables"].set_problem(self._odd)
        held = [n for n, f in self.fields.items() if f.isHidden() and self._holds(n)]
        self._lacks.setText(lacking(provider, held) if provider else "")
        self._lacks.setVisible(bool(self._lacks.text()))
        self.take_out.setVisible(bool(held) and provider is not None)

    @Slot()
    def _take_out(self) -> None:
        extras, bare = self.fill(Draft()).extras, ApiExtras()
        hidden = [name for name, field in self.fields.items() if field.isHidden()]
        kept = replace(extras, **{name: getattr(bare, name) for name in hidden})
        self.show_draft(replace(Draft(), extras=kept))
        self.changed.emit()

    def _holds(self, name: str) -> bool:
        extras = self.fill(Draft()).extras
        return bool(getattr(extras, name) != getattr(ApiExtras(), name))


def _framed(field: AddressField) -> QWidget:
    """Return a field of chips inside a frame like those of the other fields."""
    frame = QFrame()
    frame.setProperty("kind", "card")
    frame.setFocusProxy(field)
    inside = QVBoxLayout(frame)
    pad(inside, SMALL, 1, SMALL, 1)
    inside.addWidget(field)
    return frame


def _line(name: str) -> QLineEdit:
    field = QLineEdit()
    field.setProperty("type", "mono")
    identify(field, name)
    return field


def _state(key: str) -> bool | None:
    return {"on": True, "off": False}.get(key)


def _json(variables: Mapping[str, object]) -> str:
    return json.dumps(dict(variables), indent=2, ensure_ascii=False) if variables else ""
