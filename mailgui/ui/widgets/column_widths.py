"""How wide the columns of a table are."""

from collections.abc import Sequence


def share_out(wanted: Sequence[int], least: Sequence[int], room: int) -> list[int]:
    """Return a width for each column, all in pixels.

    Where they fit, they get what they want. Where they do not, the widest give way first, and
    none goes below its least. Where even that is too much, the table has to scroll; then one
    column is still not to fill it.
    """
    if sum(wanted) <= room:
        return list(wanted)
    if sum(least) > room:
        return _bounded(wanted, least, room // 2)
    low, high = 0, max(wanted)
    while low < high:  # the highest common bound that fits
        bound = (low + high + 1) // 2
        if sum(_bounded(wanted, least, bound)) <= room:
            low = bound
        else:
            high = bound - 1
    return _bounded(wanted, least, low)


def _bounded(wanted: Sequence[int], least: Sequence[int], bound: int) -> list[int]:
    return [max(small, min(full, bound)) for full, small in zip(wanted, least, strict=True)]
