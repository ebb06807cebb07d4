"""How what a command needs beyond Offramp itself is installed."""


def install(extra: str) -> str:
    """Words for a message. Never `offramp[...]` by itself: where Offramp is not installed, a
    registry would be asked for that name, which is not ours."""
    return f"pip install '.[{extra}]' in the folder of Offramp's repository"
