"""The application's one style sheet, generated from the tokens and the sizes in force.

Dynamic properties that it knows: ``type`` (small, strong, title, mono) and ``tone`` (secondary,
accent, pass, attention, broken, info) on labels; ``kind`` on buttons, frames and fields.
"""

from mailgui.ui.metrics import CARD_RADIUS, RADIUS, Metrics, Type
from mailgui.ui.style_views import views
from mailgui.ui.tokens import Tokens


def style_sheet(table: Tokens, sizes: Metrics) -> str:
    """Return the style sheet for one scheme and size."""
    parts = (_words(table, sizes), _buttons(table, sizes), _fields(table, sizes), _frames(table))
    return "\n".join((*parts, views(table, sizes)))


def _words(t: Tokens, m: Metrics) -> str:
    tones = {
        "secondary": t.secondary,
        "accent": t.accent,
        "pass": t.passed,
        "attention": t.attention,
        "broken": t.broken,
        "info": t.info,
    }
    rules = [f'QLabel[tone="{name}"] {{ color: {value}; }}' for name, value in tones.items()]
    return (
        "\n".join(rules)
        + f"""
QLabel {{ background: transparent; }}
QLabel[type="small"] {{ font-size: {m.size(Type.SMALL)}px; }}
QLabel[type="strong"] {{ font-weight: 600; }}
QLabel[type="title"] {{ font-size: {m.size(Type.TITLE)}px; font-weight: 600; }}
QLabel[type="mono"] {{ font-family: "{m.fixed}"; font-size: {m.size(Type.MONO)}px; }}
QToolTip {{ background: {t.base}; color: {t.text}; border: 1px solid {t.border};
  padding: 5px 8px; font-size: {m.size(Type.BODY)}px; }}
"""
    )


def _buttons(t: Tokens, m: Metrics) -> str:
    tall, small = m.control - 2, m.small_control - 2
    return f"""
QPushButton {{ background: {t.base}; color: {t.text};
  border: 1px solid {t.border}; border-radius: {RADIUS}px; min-height: {tall}px;
  padding: 0 14px; }}
QPushButton[small="true"] {{ min-height: {small}px; }}
QPushButton:hover {{ background: {t.sunken}; }}
QPushButton:pressed {{ background: {t.selection}; }}
QPushButton:focus {{ border: 2px solid {t.accent};
  padding: 0 13px; min-height: {tall - 2}px; }}
QPushButton[small="true"]:focus {{ min-height: {small - 2}px; }}
QPushButton:disabled {{ color: {t.secondary};
  background: {t.window}; }}
QPushButton[kind="link"] {{ background: transparent; border: 2px solid transparent;
  color: {t.accent}; min-height: {m.line() + 4}px; padding: 0 4px; border-radius: 4px; }}
QPushButton[kind="link"]:hover {{ text-decoration: underline; }}
QPushButton[kind="link"]:focus {{ border-color: {t.accent}; }}
QPushButton[kind="link"]:disabled {{ color: {t.secondary}; }}
QPushButton[kind="link"][flush="true"] {{ border: 0; border-bottom: 2px solid transparent;
  padding: 0; border-radius: 0; }}
QPushButton[kind="link"][flush="true"]:focus {{ border-bottom-color: {t.accent}; }}
QPushButton[kind="dashed"] {{ background: transparent; border: 1px dashed {t.secondary};
  color: {t.accent}; border-radius: {RADIUS}px; }}
QPushButton[kind="dashed"]:hover {{ background: {t.sunken}; }}
QPushButton[kind="dashed"]:focus {{ border: 2px dashed {t.accent}; }}
QPushButton[kind="dashed"][drop="true"] {{ background: {t.selection};
  border: 2px dashed {t.accent}; }}
QPushButton[kind="menu"] {{ text-align: left; padding-right: {m.scaled(14) + 16}px; }}
QToolButton[kind="icon"] {{ background: transparent; border: 2px solid transparent;
  border-radius: {RADIUS}px; padding: 2px; }}
QToolButton[kind="icon"]:hover {{ background: {t.sunken}; }}
QToolButton[kind="icon"]:pressed, QToolButton[kind="icon"]:checked {{ background: {t.selection}; }}
QToolButton[kind="icon"]:focus {{ border-color: {t.accent}; }}
QToolButton[kind="tool"] {{ background: transparent; border: 2px solid transparent;
  border-radius: {RADIUS}px; color: {t.secondary}; padding: 2px 4px; }}
QToolButton[kind="tool"]:hover {{ background: {t.sunken}; color: {t.text}; }}
QToolButton[kind="tool"]:checked {{ background: {t.selection}; color: {t.accent}; }}
QToolButton[kind="tool"]:focus {{ border-color: {t.accent}; }}
QToolButton::menu-indicator, QPushButton::menu-indicator {{ image: none; width: 0; }}
"""


def _fields(t: Tokens, m: Metrics) -> str:
    tall, small = m.control - 2, m.small_control - 2
    inputs = "QLineEdit, QComboBox"  # the latter in file dialogs
    focused = ", ".join(f"{kind}:focus" for kind in inputs.split(", "))
    disabled = ", ".join(f"{kind}:disabled" for kind in inputs.split(", "))
    return f"""
{inputs} {{ background: {t.base}; color: {t.text}; border: 1px solid {t.border};
  border-radius: {RADIUS}px; min-height: {tall}px; padding: 0 9px;
  selection-background-color: {t.accent}; selection-color: {t.on_accent}; }}
{focused} {{ border: 2px solid {t.accent}; padding: 0 8px; min-height: {tall - 2}px; }}
{disabled} {{ background: {t.window}; color: {t.secondary}; }}
QLineEdit[small="true"] {{ min-height: {small}px; }}
QLineEdit[small="true"]:focus {{ min-height: {small - 2}px; }}
QLineEdit, QPlainTextEdit {{ placeholder-text-color: {t.secondary}; }}
QLineEdit[type="mono"], QPlainTextEdit[type="mono"] {{ font-family: "{m.fixed}";
  font-size: {m.size(Type.MONO)}px; }}
QLineEdit[problem="true"] {{ border: 2px solid {t.broken}; padding: 0 8px;
  min-height: {tall - 2}px; }}
QLineEdit[kind="bare"], QLineEdit[kind="bare"]:focus {{ background: transparent;
  border: 0; padding: 0; min-height: {m.line() + 6}px; border-radius: 0; }}
QComboBox::drop-down {{ border: 0; width: {m.scaled(26)}px; }}
QComboBox::down-arrow {{ image: none; }}
QComboBox QAbstractItemView {{ background: {t.base}; border: 1px solid {t.border};
  selection-background-color: {t.selection}; selection-color: {t.text}; outline: 0; padding: 4px; }}
QCheckBox {{ spacing: 8px; min-height: {m.line() + 8}px; color: {t.text}; }}
QPlainTextEdit {{ background: {t.base}; color: {t.text}; border: 1px solid {t.border};
  border-radius: {RADIUS}px; selection-background-color: {t.accent};
  selection-color: {t.on_accent}; }}
QPlainTextEdit:focus {{ border: 2px solid {t.accent}; }}
QPlainTextEdit[kind="bare"] {{ border: 0; border-radius: 0;
  background: {t.base}; }}
QPlainTextEdit[kind="record"] {{ border: 0; background: transparent; padding: 0; }}
"""


def _frames(t: Tokens) -> str:
    return f"""
QMainWindow, QDialog {{ background: {t.window}; }}
QFrame[kind="bar"] {{ background: {t.window}; border: 0; border-bottom: 1px solid {t.border}; }}
QFrame[kind="foot"] {{ background: {t.window}; border: 0; border-top: 1px solid {t.border}; }}
QFrame[kind="row"] {{ background: transparent; border: 0; border-bottom: 1px solid {t.border}; }}
QFrame[kind="hairline"] {{ background: {t.border}; border: 0; }}
QFrame[kind="card"] {{ background: {t.base}; border: 1px solid {t.border};
  border-radius: {CARD_RADIUS}px; }}
QScrollArea, QScrollArea > QWidget > QWidget[kind="plain"] {{ background: transparent; border: 0; }}
QSplitter::handle {{ background: {t.border}; }}
QSplitter::handle:horizontal {{ width: 1px; }}
QSplitter::handle:vertical {{ height: 1px; }}
QSplitter::handle:hover {{ background: {t.accent}; }}
"""
