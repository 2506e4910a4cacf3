"""LightGBM models read back from their text. LightGBM's parser ends the process on text that is cut off."""

from __future__ import annotations

import re

import lightgbm

FIRST, TREES, LAST, END = "tree\n", "\nTree=0\n", "\nend of trees\n", "\nend of parameters\n"
_SIZES = re.compile(r"^tree_sizes=([0-9 ]*)$", re.MULTILINE)


def read_booster(text: str) -> lightgbm.Booster:
    """Return the model that a text of LightGBM's describes.

    Raises
    ------
    ValueError
        If the text is not one, or not whole.
    """
    if not _is_whole(text):
        raise ValueError("it is not the whole text of a LightGBM model")
    try:
        return lightgbm.Booster(model_str=text)
    except lightgbm.basic.LightGBMError as error:
        raise ValueError(f"LightGBM says: {error}") from error


def _is_whole(text: str) -> bool:
    """Return whether the text has as many bytes of trees as its header says, and its end."""
    begin, end = text.find(TREES), text.find(LAST)
    if not text.startswith(FIRST) or begin < 0 or end < begin or END not in text[end:]:
        return False
    sizes = _SIZES.search(text[:begin])
    return sizes is not None and sum(map(int, sizes[1].split())) == len(text[begin:end].encode())
