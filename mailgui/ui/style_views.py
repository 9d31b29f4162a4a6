"""The part of the style sheet that is about lists, tables, menus and scroll bars."""

from mailgui.ui.metrics import LARGE, RADIUS, Metrics, Type
from mailgui.ui.tokens import Tokens


def views(t: Tokens, m: Metrics) -> str:
    """Return the rules for item views, menus and scroll bars."""
    return f"""
QAbstractItemView {{ background: {t.base}; color: {t.text}; border: 0; outline: 0;
  selection-background-color: {t.selection}; selection-color: {t.text};
  alternate-background-color: {t.sunken}; }}
QAbstractItemView[kind="wire"] {{ font-family: "{m.fixed}"; font-size: {m.size(Type.MONO)}px; }}
QAbstractItemView[kind="checks"] {{ background: {t.window}; }}
QAbstractItemView[ring="true"]:focus {{ border: 2px solid {t.accent}; }}
QAbstractItemView[ring="true"] {{ border: 2px solid transparent; }}
QHeaderView {{ background: {t.window}; border: 0; font-size: {m.size(Type.SMALL)}px; }}
QHeaderView::section {{ background: {t.window}; color: {t.secondary}; border: 0;
  border-bottom: 1px solid {t.border}; padding: 4px 8px; font-size: {m.size(Type.SMALL)}px; }}
QTableView[kind="edge"] QHeaderView::section:first {{ padding-left: {LARGE}px; }}
QHeaderView::up-arrow, QHeaderView::down-arrow {{ width: 0; height: 0; image: none; }}
QTabBar::scroller {{ width: {2 * m.scaled(22)}px; }}
QMenu {{ background: {t.base}; color: {t.text}; border: 1px solid {t.border}; padding: 4px; }}
QMenu::item {{ padding: 6px 24px 6px 12px; border-radius: 4px; min-width: {m.scaled(120)}px; }}
QMenu::item:selected {{ background: {t.selection}; }}
QMenu::item:disabled {{ color: {t.secondary}; }}
QMenu::icon {{ padding-left: 8px; }}
QMenu::separator {{ height: 1px; background: {t.border}; margin: 4px 8px; }}
QScrollBar:vertical {{ background: transparent; width: 12px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 12px; margin: 0; }}
QScrollBar::handle {{ background: {t.border}; border-radius: 4px; margin: 2px; }}
QScrollBar::handle:vertical {{ min-height: 32px; }}
QScrollBar::handle:horizontal {{ min-width: 32px; }}
QScrollBar::handle:hover {{ background: {t.secondary}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QAbstractScrollArea::corner {{ background: transparent; border: 0; }}
QListView[kind="panel"], QTreeView[kind="panel"], QTableView[kind="panel"] {{
  border: 1px solid {t.border}; border-radius: {RADIUS}px; }}
"""
