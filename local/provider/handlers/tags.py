"""Tags, for the services that keep them apart from what they are of."""

from typing import Any


def listed(tags: dict[str, str] | None, key: str = "Key", value: str = "Value") -> list[Any]:
    """Return tags as a list of pairs."""
    return [{key: name, value: each} for name, each in sorted((tags or {}).items())]


def unlisted(pairs: list[Any], key: str = "Key", value: str = "Value") -> dict[str, str]:
    """Return a list of pairs as tags."""
    return {pair[key]: pair[value] for pair in pairs}


def removed(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """Return the keys of the tags that went; `old` is a state, with all of a resource's tags."""
    before = old.get("tagsAll") or old.get("tags") or {}
    return sorted(set(before) - set(new.get("tags") or {}))
