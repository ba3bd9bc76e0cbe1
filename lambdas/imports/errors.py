"""What imports refuses."""


class FileRefusedError(Exception):
    """A file that is no import, and will be none when it is read again."""


class LineError(ValueError):
    """A line that holds no row."""
