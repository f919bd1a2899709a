"""Numbers of things in words."""


def counted(number: int, thing: str) -> str:
    """Say 1 file, 2 files, 3 windows of 1 bar: the thing alone takes the s."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
