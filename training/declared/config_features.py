"""What a model's YAML block says of single features: what null and unseen mean."""

from __future__ import annotations

from scoring.signature import CONSTANT, MISSING, RULES
from training.declared.checked import Block
from training.declared.spec import FeatureRules


def read_features(block: Block) -> dict[str, FeatureRules]:
    """Return the rules by feature; features that are not named have the usual ones."""
    if not block.has("features"):
        return {}
    features = block.block("features", "{age: {nulls: constant, constant: 0}}")
    if features is None:
        return {}
    found = {}
    names = features.keys()
    for name in names:
        entry = features.block(name, "{nulls: error}")
        if entry is not None:
            found[name] = _rules(entry)
    return found


def _rules(entry: Block) -> FeatureRules:
    nulls = entry.choice("nulls", RULES, default=MISSING)
    unseen = entry.choice("unseen", RULES, default=MISSING)
    constant = None
    if entry.only_with("constant", CONSTANT in (nulls, unseen), "is for the rule constant", "remove it"):
        constant = entry.scalar("constant", "what takes the place of null or unseen")
    elif CONSTANT in (nulls, unseen):
        entry.problem("constant", "must say what takes the place", "none", "write constant: <value>")
    entry.no_other_keys()
    return FeatureRules(nulls, unseen, constant)
