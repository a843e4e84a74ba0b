"""Words by what they mean: data, and the look-up in them."""


def listed(*lines: str) -> frozenset[str]:
    """The words of these lines."""
    return frozenset(" ".join(lines).split())
