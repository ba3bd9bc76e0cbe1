"""Tags that every resource of a stage carries, through the provider's default tags."""

from collections.abc import Mapping

from components.core.checks import check, matches, when

# https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
MOST = 50
ALLOWED = r"[\w\s.:/=+\-@]"


def default_tags(
    *,
    project: str,
    stage: str,
    owner: str,
    cost_center: str,
    more: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Return the default tags of a stage, sorted.

    Raises:
        ArgumentsError: for more than 50 tags, a key of over 128 or a value of over 256
            characters, a character that AWS does not take, or the reserved prefix `aws:`.
    """
    tags = {
        **(more or {}),
        "project": project,
        "stage": stage,
        "owner": owner,
        "cost-center": cost_center,
    }
    letters = "letters, digits, spaces and . : / = + - @"
    check(
        when(len(tags) > MOST, f"tags has {len(tags)} entries: allowed is {MOST}"),
        *(matches("tag key", key, ALLOWED + "{1,128}", f"128 {letters}") for key in tags),
        *(matches(f"tag {k}", v, ALLOWED + "{0,256}", f"256 {letters}") for k, v in tags.items()),
        *(
            when(key.lower().startswith("aws:"), f"tag key is {key!r}: aws: is reserved")
            for key in tags
        ),
    )
    return dict(sorted(tags.items()))
